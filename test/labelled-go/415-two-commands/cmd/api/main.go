package main

import "example.com/app/pkg/web"

func main() { web.Serve("127.0.0.1:7100") }
