package web

import "net/http"

// Serve blocks.
func Serve(addr string) error { return http.ListenAndServe(addr, nil) }
