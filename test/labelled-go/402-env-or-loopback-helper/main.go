package main

import (
	"log"
	"net/http"

	"example.com/app/internal/config"
)

func main() {
	cfg := config.Load()
	// Do not use 0.0.0.0 here.
	log.Printf("listening on %s", cfg.Addr())
	log.Fatal(http.ListenAndServe(cfg.Addr(), http.NotFoundHandler()))
}
