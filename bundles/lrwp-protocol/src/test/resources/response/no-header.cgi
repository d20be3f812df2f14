
body