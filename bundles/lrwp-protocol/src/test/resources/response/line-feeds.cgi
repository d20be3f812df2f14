Content-type: text/html

body