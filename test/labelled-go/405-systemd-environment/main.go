package main

import (
	"log"
	"net/http"
	"os"
)

func main() {
	addr := os.Getenv("LISTEN_ADDR")
	if addr == "" {
		addr = ":8088"
	}
	log.Fatal(http.ListenAndServe(addr, nil))
}
