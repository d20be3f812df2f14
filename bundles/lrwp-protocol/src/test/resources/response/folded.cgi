X-A: 1
  2

x