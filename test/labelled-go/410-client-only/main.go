package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
)

// Example: http.ListenAndServe(":8080", nil)
const help = `start the server with http.ListenAndServe("0.0.0.0:8080", nil)`

func main() {
	resp, err := http.Get("http://127.0.0.1:8080/")
	if err != nil {
		fmt.Fprintln(os.Stderr, help)
		os.Exit(1)
	}
	defer resp.Body.Close()
	io.Copy(os.Stdout, resp.Body)
}
