# Starts the API:  ./run.ps1 [-Host HOST] [-Port PORT]
param(
  [string]$Host = '0.0.0.0',
  [int]$Port = 8000
)

Set-Location $PSScriptRoot
$env:API_HOST = '0.0.0.0'
$env:API_PORT = $Port
node src/server.js
