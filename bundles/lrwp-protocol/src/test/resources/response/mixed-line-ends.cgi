Content-type: text/html
X-A: 1

body