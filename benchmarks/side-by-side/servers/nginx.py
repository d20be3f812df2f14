"""nginx, alone and before other servers."""

import os
import grp
import pwd
import signal

import processes
import tools

from .server import Server

# The variables of RFC 3875, as Handoff's agent gives them to peers.
VARIABLES = {
    "GATEWAY_INTERFACE": "CGI/1.1",
    "SERVER_SOFTWARE": "nginx",
    "SERVER_PROTOCOL": "$server_protocol",
    "SERVER_NAME": "$host",
    "SERVER_PORT": "$server_port",
    "REQUEST_METHOD": "$request_method",
    "REQUEST_URI": "$request_uri",
    "SCRIPT_NAME": "$uri",
    "QUERY_STRING": "$query_string",
    "REMOTE_ADDR": "$remote_addr",
    "REMOTE_HOST": "$remote_addr",
    "CONTENT_LENGTH": "$content_length",
    "CONTENT_TYPE": "$content_type",
}


def fastcgi(**more):
    return "\n".join(f'fastcgi_param {name} "{value}";' for name, value in {**VARIABLES, **more}.items())


class Nginx(Server):
    key = "nginx"
    name = "nginx"
    needs = ("nginx",)

    # In the http block, and in the server's.
    upstream = ""

    def locations(self):
        return f"""
            location = /answers/small {{ return 200 "Twenty-eight bytes of text.\\n"; }}
            location = /answers/file {{ alias {self.place.file}; }}
        """

    def start(self):
        self.start_nginx("/answers/small")

    def start_nginx(self, path):
        user, group = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name
        temporary = "\n".join(f"{module}_temp_path {self.folder}/{module};"
                              for module in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (self.folder / "nginx.conf").write_text(f"""
            {f"user {user} {group};" if os.geteuid() == 0 else ""}
            daemon off;
            worker_processes {self.place.processes};
            pid {self.folder}/pid;
            error_log {self.folder}/error.log;
            events {{ worker_connections 30000; }}
            http {{
                access_log off;
                sendfile on;
                tcp_nopush on;
                default_type text/plain;
                keepalive_requests 1000000000;
                keepalive_timeout 600;
                client_body_buffer_size 128k;
                # Room for a response of 1 MiB: others have memory for what their clients do not take at once, too.
                fastcgi_buffers 64 32k;
                uwsgi_buffers 64 32k;
                uwsgi_busy_buffers_size 64k;
                {temporary}
                {self.upstream}
                server {{
                    listen 127.0.0.1:{self.port} backlog=4096;
                    {self.locations()}
                }}
            }}
        """)
        self.nginx = self.program([tools.find("nginx"), "-p", self.folder, "-c", self.folder / "nginx.conf",
                                   "-e", self.folder / "error.log"])
        self.nginx.await_answer(self.url(path))

    def begin_to_replace(self):
        # This is "nginx -s reload".
        os.kill(self.nginx.pid, signal.SIGHUP)

    def versions(self):
        return {"nginx": tools.version(tools.find("nginx"), "-v")}


class Behind(Nginx):
    """A program behind nginx, which is started first. The program's are the workers."""

    def workers(self):
        return processes.children(self.programs[0].pid)


class NginxPhp(Behind):
    key = "php"
    name = "nginx → php-fpm"
    needs = ("nginx", "php-fpm")

    def locations(self):
        return f"""
            location /answers/ {{
                fastcgi_pass unix:{self.folder}/php.socket;
                {fastcgi(SCRIPT_FILENAME=self.place.answers / "answers.php")}
            }}
        """

    def start(self):
        (self.folder / "php.conf").write_text(f"""
            [global]
            error_log = {self.folder}/php.log
            daemonize = no
            ; Without it, a reload ends running requests.
            process_control_timeout = 30
            [www]
            {f"user = {pwd.getpwuid(os.geteuid()).pw_name}" if os.geteuid() == 0 else ""}
            listen = {self.folder}/php.socket
            listen.backlog = 4096
            pm = static
            pm.max_children = {self.place.processes}
        """.replace("\n            ", "\n"))
        root = ["-R"] if os.geteuid() == 0 else []
        self.php = self.program([tools.find("php-fpm"), "-F", *root, "-y", self.folder / "php.conf"])
        self.start_nginx("/answers/small")

    def begin_to_replace(self):
        os.kill(self.php.pid, signal.SIGUSR2)

    def versions(self):
        return {**super().versions(), "PHP": tools.version(tools.find("php-fpm"), "-v")}


class NginxUwsgi(Behind):
    key = "uwsgi"
    name = "nginx → uWSGI"
    needs = ("nginx", "uwsgi")

    def locations(self):
        variables = "\n".join(f'uwsgi_param {name} "{value}";' for name, value in {
            **VARIABLES, "PATH_INFO": "$uri", "SCRIPT_NAME": ""}.items())
        return f"location /answers/ {{ uwsgi_pass unix:{self.folder}/uwsgi.socket; {variables} }}"

    def start(self):
        self.uwsgi = self.program(
            [tools.find("uwsgi"), "--plugin", "python3", "--master", "--processes", self.place.processes,
             "--socket", self.folder / "uwsgi.socket", "--listen", "1024", "--disable-logging", "--die-on-term",
             "--need-app", "--pythonpath", self.place.answers, "--module", "answers"],
            {"ANSWERS_FILE": str(self.place.file), "PYTHONDONTWRITEBYTECODE": "1"})
        self.start_nginx("/answers/small")

    def begin_to_replace(self):
        os.kill(self.uwsgi.pid, signal.SIGHUP)

    def versions(self):
        return {**super().versions(), "uWSGI": tools.version(tools.find("uwsgi"), "--version")}


def compiled_fastcgi(server):
    program = server.folder / "fastcgi"
    tools.run("cc", "-O2", "-D_GNU_SOURCE", "-o", program, server.place.answers / "fastcgi.c")
    return program


class NginxFastCgi(Behind):
    """The processes of fastcgi.c, over connections that nginx keeps."""

    key = "fastcgi"
    name = "nginx → FastCGI, kept connections"
    needs = ("nginx", "cc")

    def __init__(self, place):
        super().__init__(place)
        self.fastcgi_port = processes.free_port()
        self.upstream = f"upstream fastcgi {{ server 127.0.0.1:{self.fastcgi_port}; keepalive 64; }}"

    def locations(self):
        return f"location /answers/ {{ fastcgi_pass fastcgi; fastcgi_keep_conn on; {fastcgi()} }}"

    def start(self):
        self.program([compiled_fastcgi(self), self.fastcgi_port, self.place.processes])
        self.start_nginx("/answers/bytes?bytes=1")


class NginxFastCgiNew(Behind):
    """The same, over a connection for each request: a process serves one at a time then, as most programs do."""

    key = "fastcgi-new"
    name = "nginx → FastCGI, a connection each"
    needs = ("nginx", "cc")

    def locations(self):
        return f"location /answers/ {{ fastcgi_pass unix:{self.folder}/fastcgi.socket; {fastcgi()} }}"

    def start(self):
        self.program([compiled_fastcgi(self), f"{self.folder}/fastcgi.socket", self.place.processes])
        self.start_nginx("/answers/bytes?bytes=1")


class NginxFcgiwrap(Behind):
    key = "fcgiwrap"
    name = "nginx → fcgiwrap"
    needs = ("nginx", "fcgiwrap")

    # As many programs at a time as the pool of Handoff.
    programs_at_a_time = 8

    def locations(self):
        return f"""
            location /cgi-bin/ {{
                fastcgi_pass unix:{self.folder}/fcgiwrap.socket;
                {fastcgi(SCRIPT_FILENAME=self.place.answers / "hello.sh")}
            }}
        """

    def start(self):
        self.program([tools.find("fcgiwrap"), "-c", self.programs_at_a_time,
                      "-s", f"unix:{self.folder}/fcgiwrap.socket"])
        self.start_nginx("/cgi-bin/hello.sh")
