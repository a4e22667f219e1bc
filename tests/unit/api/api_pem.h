/* A self-signed certificate and its key, for tests of https on loopback alone.
 * Never trusted by anything else.
 * Called by api_world.c. */
#ifndef QUORATE_TESTS_API_PEM_H
#define QUORATE_TESTS_API_PEM_H

static const char pem_certificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBhTCCASugAwIBAgIUARW6W8LVKNrhk1olHEZD+bCPwgMwCgYIKoZIzj0EAwIw\n"
    "FzEVMBMGA1UEAwwMcXVvcmF0ZS10ZXN0MCAXDTI2MTEyMzA1MDg0MloYDzIxMjYx\n"
    "MDMwMDUwODQyWjAXMRUwEwYDVQQDDAxxdW9yYXRlLXRlc3QwWTATBgcqhkjOPQIB\n"
    "BggqhkjOPQMBBwNCAAR0PvLZD66DmXfn/4e4Li+M19A/esbjflpcXfcxW2P5z6OY\n"
    "132xiyh7KT+rnofCFmGvhys1E5+xxZoN15DmMeico1MwUTAdBgNVHQ4EFgQU7ryf\n"
    "MA8eG6qdolXYxdEsPRgKClowHwYDVR0jBBgwFoAU7ryfMA8eG6qdolXYxdEsPRgK\n"
    "ClowDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiAOtDbzXtGNTZBM\n"
    "G3t08mJWiFNmaoRiJZXMK4WMy88bjAIhAPF93mLv2yzH/k4MPmLmQAWpHl/mRBT1\n"
    "cUEY2BHLDpLi\n"
    "-----END CERTIFICATE-----\n";

static const char pem_key[] = "-----BEGIN PRIVATE KEY-----\n"
                              "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgAdlhv4fa8ZNxS/gD\n"
                              "2g8NvK7rzxt7f+R0WcqZJjykvn+hRANCAAR0PvLZD66DmXfn/4e4Li+M19A/esbj\n"
                              "flpcXfcxW2P5z6OY132xiyh7KT+rnofCFmGvhys1E5+xxZoN15DmMeic\n"
                              "-----END PRIVATE KEY-----\n";

#endif
