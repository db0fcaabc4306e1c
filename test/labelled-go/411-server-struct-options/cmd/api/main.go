package main

import (
	"log"
	"os"

	"example.com/app/internal/server"
)

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8000"
	}
	s := server.New("", port)
	if err := s.Run(); err != nil {
		log.Fatal(err)
	}
}
