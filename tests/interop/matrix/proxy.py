"""nginx between the two ends, run in the foreground as whoever runs this."""

import shutil

import processes

CONFIGURATION = """
daemon off;
master_process off;
pid {out}/nginx.pid;
error_log stderr;
events {{ }}
http {{
    access_log off;
    {temporary}
    map $http_upgrade $upgrading {{ default upgrade; '' close; }}
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $upgrading;
    server {{
        listen 127.0.0.1:{to_us};
        {locations}
    }}
    server {{
        listen 127.0.0.1:{to_peer};
        location / {{ proxy_pass http://127.0.0.1:{peer}; }}
    }}
}}
"""
TEMPORARY = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]


def start(out, ports, to_us, to_peer, peer, limit):
    """Passes on to our servers by path from one port, and to the peer from the other."""
    at = out / "nginx"
    at.mkdir(exist_ok=True)
    locations = (
        f"location /{kind}/ {{ proxy_pass http://127.0.0.1:{port}; }}"
        for kind, port in ports.items()
    )
    configuration = CONFIGURATION.format(
        out=at,
        to_us=to_us,
        to_peer=to_peer,
        peer=peer,
        locations="\n        ".join(locations),
        temporary="\n    ".join(f"{name}_temp_path {at}/{name};" for name in TEMPORARY),
    )
    (at / "nginx.conf").write_text(configuration)
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
    command = [program, "-p", at, "-c", at / "nginx.conf", "-e", "stderr"]
    return processes.Process(command, out / "nginx.log", limit)
