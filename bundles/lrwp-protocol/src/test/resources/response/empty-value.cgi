X-Empty:
Content-type: a/b

