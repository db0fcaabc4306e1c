package main

import (
	"log"
	"net/http"
	_ "net/http/pprof"
)

func main() {
	go func() {
		log.Println(http.ListenAndServe("localhost:6060", nil))
	}()
	mux := http.NewServeMux()
	log.Fatal(http.ListenAndServe("0.0.0.0:8443", mux))
}
