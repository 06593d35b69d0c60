-- Functions that the click store's SQL uses, made in each process and kept in no file.

-- 26 characters of Crockford base32: 48 bits of milliseconds, then 16 and 64 random bits; two characters at a time
-- out of all pairs of them, one after the other (routy/ids.py puts them here), which is three times as fast as one.
CREATE MACRO pair(number, place) AS substr('{pairs}', ((number >> place) & 1023) * 2 + 1, 2);
CREATE MACRO ulid_of(milliseconds, first, last) AS concat(
  pair(milliseconds, 40), pair(milliseconds, 30), pair(milliseconds, 20), pair(milliseconds, 10),
  pair(milliseconds, 0), pair(first, 10), pair(first, 0),
  pair(last, 50), pair(last, 40), pair(last, 30), pair(last, 20), pair(last, 10), pair(last, 0));
CREATE MACRO ulid(moment, high, low) AS ulid_of(
  epoch_ms(moment),
  (high::BIGINT << 4) | (low >> 60)::BIGINT,  -- 20 bits
  (low & 1152921504606846975::UBIGINT)::BIGINT);  -- 60 bits

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
