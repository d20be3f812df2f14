X-Name: café

x