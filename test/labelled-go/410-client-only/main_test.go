package main

import (
	"net"
	"net/http/httptest"
	"testing"
)

func TestGet(t *testing.T) {
	l, _ := net.Listen("tcp", "0.0.0.0:8080")
	srv := httptest.NewUnstartedServer(nil)
	srv.Listener = l
	srv.Start()
	defer srv.Close()
}
