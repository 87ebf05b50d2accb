module sluice.dev/spec/crosscheck

go 1.24
