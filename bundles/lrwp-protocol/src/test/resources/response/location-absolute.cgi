Location: http://example.org/x

