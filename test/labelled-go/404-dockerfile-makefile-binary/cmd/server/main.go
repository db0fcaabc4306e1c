package main

import (
	"flag"
	"net/http"
)

var listen = flag.String("listen", "127.0.0.1:9090", "address to listen on")

func main() {
	flag.Parse()
	http.ListenAndServe(*listen, http.DefaultServeMux)
}
