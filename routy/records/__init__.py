"""What all resources share: parse (bodies), query (lists), write (changes), read, show (rows to JSON)."""
