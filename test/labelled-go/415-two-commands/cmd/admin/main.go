package main

import "example.com/app/pkg/web"

func main() { web.Serve(":7200") }
