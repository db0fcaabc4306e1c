param(
    [string]$BindAddress = '127.0.0.1',
    [int]$Port = 9847
)

if ($BindAddress -in @('0.0.0.0', '::', '*')) {
    Write-Error "SECURITY ERROR: Invalid host '$BindAddress'"
    exit 1
}

Write-Host "Voice server on http://${BindAddress}:$Port"
python -m uvicorn main:app --host $BindAddress --port $Port
