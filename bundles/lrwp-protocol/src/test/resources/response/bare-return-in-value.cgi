X-A: 1Set-Cookie: stolen=1

x