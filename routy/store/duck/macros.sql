-- Functions that the click store's SQL uses, made in each process and kept in no file.

-- 26 characters of Crockford base32: 48 bits of milliseconds, then 16 and 64 random bits.
CREATE MACRO digit(number, place) AS
  substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', (((number::UBIGINT >> place) & 31) + 1)::BIGINT, 1);
CREATE MACRO ulid(moment, high, low) AS
  digit(epoch_ms(moment), 45) || digit(epoch_ms(moment), 40) || digit(epoch_ms(moment), 35)
  || digit(epoch_ms(moment), 30) || digit(epoch_ms(moment), 25) || digit(epoch_ms(moment), 20)
  || digit(epoch_ms(moment), 15) || digit(epoch_ms(moment), 10) || digit(epoch_ms(moment), 5)
  || digit(epoch_ms(moment), 0)
  || digit(high, 11) || digit(high, 6) || digit(high, 1) || digit(((high::UBIGINT & 1) << 4) | (low >> 60), 0)
  || digit(low, 55) || digit(low, 50) || digit(low, 45) || digit(low, 40) || digit(low, 35) || digit(low, 30)
  || digit(low, 25) || digit(low, 20) || digit(low, 15) || digit(low, 10) || digit(low, 5) || digit(low, 0);

-- A text of milliseconds as a moment, NULL outside the years 2000 to 2099: a cut number is no time.
CREATE MACRO to_timestamp_utc(text) AS
  CASE WHEN TRY_CAST(text AS BIGINT) BETWEEN 946684800000 AND 4102444799999
    THEN make_timestamp_ms(TRY_CAST(text AS BIGINT)) END;

-- One parameter of a query, decoded; as it came where it cannot be decoded.
CREATE MACRO parameter(query, name) AS
  CASE WHEN contains(query, name || '=') THEN left(coalesce(
    TRY(url_decode(replace(nullif(regexp_extract(query, '(?:^|&)' || name || '=([^&]*)', 1), ''), '+', ' '))),
    nullif(regexp_extract(query, '(?:^|&)' || name || '=([^&]*)', 1), '')), 255) END;

-- `https://www.Search.Example/x` → `search.example`
CREATE MACRO host_of(url) AS
  nullif(regexp_replace(lower(regexp_extract(
    url, '^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:@]+)', 1)), '^www\.', ''), '');
