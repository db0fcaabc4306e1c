package main

import (
	"net/http"
	"os"
)

func main() {
	http.ListenAndServe(os.Getenv("HOST")+":8080", nil)
}
