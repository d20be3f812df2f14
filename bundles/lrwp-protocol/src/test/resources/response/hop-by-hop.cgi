Connection: close, X-Hop
X-Hop: 1
Keep-Alive: 5
Transfer-Encoding: chunked
Content-Length: 99
Date: now
Trailer: x
Upgrade: h2c
X-Stays: 1

x