/**
 * A certificate for `localhost` and 127.0.0.1 that nobody has signed, with its key: receivers in tests show it to see
 * what a client does with a certificate it has no reason to trust. It protects nothing and is valid until 2126.
 */
export const LOOPBACK_CERTIFICATE = {
  cert: `-----BEGIN CERTIFICATE-----
MIIBmjCCAUGgAwIBAgIUJ1fJEerteUW+zx/3FWeMUuL7zjcwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMDEyNTgwNloYDzIxMjYxMDI3
MTI1ODA2WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARkMdAhMEnab+Psy/Vj+smg2u6r7sBQ4EYhJ+0L63VXHZr0+hcFdMvP
1Zp+/1wdZVdd1XAlUD7Yjf/MD4hYdm0Yo28wbTAdBgNVHQ4EFgQU1mzYyu4hxwsP
TFP+V3WKlbOH2u0wHwYDVR0jBBgwFoAU1mzYyu4hxwsPTFP+V3WKlbOH2u0wDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDRwAwRAIgOF1lbEHGtGpZ5Ijm9WWbQOU8RuFKlwbwROpkahIuoLECIAw0
29j5HMVX5kcWEIoOpkYdfKkgxytaWcVhXvudB2YJ
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgeM7wDrg9Wne6KsT1
p04Otcf9BUvh5hCwAo1JclBFSeihRANCAARkMdAhMEnab+Psy/Vj+smg2u6r7sBQ
4EYhJ+0L63VXHZr0+hcFdMvP1Zp+/1wdZVdd1XAlUD7Yjf/MD4hYdm0Y
-----END PRIVATE KEY-----
`,
} as const;
