Set-Cookie: a=1
Content-type: text/plain
Set-Cookie: b=2

x