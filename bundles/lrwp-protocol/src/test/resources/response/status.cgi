Status: 404 Not Found
Content-type: text/plain

no