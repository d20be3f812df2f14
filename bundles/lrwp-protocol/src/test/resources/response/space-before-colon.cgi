X-A : 1

x