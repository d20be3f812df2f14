Status: 100 Continue

