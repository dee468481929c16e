"""Certificates for tests, made by the openssl program."""

import subprocess


class Authority:
    """Signs certificates for a day, or for another number of days."""

    def __init__(self, directory, name):
        self.directory = directory
        self.ca, self.ca_key = directory / f"{name}.pem", directory / f"{name}.key"
        self._openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
            "-subj", f"/CN={name}", "-keyout", self.ca_key, "-out", self.ca,
        )  # fmt: skip

    def issue(self, cert, key, names="IP:127.0.0.1", days=1):
        request = self.directory / "request.pem"
        extensions = self.directory / "extensions"
        extensions.write_text(f"subjectAltName={names}\n")
        self._openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=test",
            "-keyout", key, "-out", request,
        )  # fmt: skip
        self._openssl(
            "x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self.ca_key, "-CAcreateserial", "-days", str(days),
            "-extfile", extensions, "-out", cert,
        )  # fmt: skip

    @staticmethod
    def _openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
