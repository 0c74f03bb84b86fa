/** The HTTP servers that files are really served from: how each is started, as installed and in the variants that matter. */

/** What a server is configured for. */
export interface Site {
  /** The folder it serves. */
  readonly root: string;
  /** Of 127.0.0.1. */
  readonly port: number;
}

export interface RealServer {
  readonly name: string;
  readonly command: string;
  /** The Debian package that brings `command`. */
  readonly debianPackage: string;
  /** False where a request for a range is answered with the whole file. */
  readonly hasRanges: boolean;
  /** What a range is answered with where the client takes gzip; `undefined` where that makes no difference. */
  readonly gzipped?: 'whole file' | 'range of the compressed';
  /** The text of its configuration file. */
  configure(site: Site): string;
  /** Runs it in the foreground, as one process that a signal ends wholly. It is started in the file's folder. */
  args(configFile: string, site: Site): readonly string[];
}

const APACHE_MODULES = '/usr/lib/apache2/modules';

/** A variant is the server as installed plus a few directives. */
export const REAL_SERVERS: readonly RealServer[] = [
  nginx({ name: 'nginx' }),
  nginx({ name: 'nginx that compresses', gzipped: 'whole file', directives: 'gzip on; gzip_types *;' }),
  nginx({ name: 'nginx without ranges', hasRanges: false, directives: 'max_ranges 0;' }),
  apache({ name: 'Apache' }),
  apache({ name: 'Apache that compresses', gzipped: 'whole file', directives: 'SetOutputFilter DEFLATE' }),
  lighttpd({ name: 'lighttpd' }),
  caddy({ name: 'Caddy' }),
  caddy({
    name: 'Caddy that compresses',
    gzipped: 'range of the compressed',
    directives: 'encode {\n gzip\n match {\n header Content-Type *\n }\n }',
  }),
  python({ name: "Python's http.server", hasRanges: false }),
];

type Variant = Pick<RealServer, 'name'> & Partial<RealServer> & { readonly directives?: string };

function nginx({ directives = '', ...variant }: Variant): RealServer {
  return {
    command: 'nginx',
    debianPackage: 'nginx',
    hasRanges: true,
    ...variant,
    configure: ({ root, port }) => `
      daemon off;
      master_process off;
      pid nginx.pid;
      error_log stderr;
      events {}
      http {
        access_log off;
        client_body_temp_path body;
        proxy_temp_path proxy;
        fastcgi_temp_path fastcgi;
        uwsgi_temp_path uwsgi;
        scgi_temp_path scgi;
        sendfile on;
        tcp_nopush on;
        types { text/html html; }
        default_type application/octet-stream;
        server {
          listen 127.0.0.1:${port};
          root ${root};
          ${directives}
        }
      }`,
    args: (configFile) => ['-e', 'stderr', '-p', '.', '-c', configFile],
  };
}

function apache({ directives = '', ...variant }: Variant): RealServer {
  const modules = ['mpm_event', 'authz_core', 'mime', 'dir', 'filter', 'deflate'];
  return {
    command: 'apache2',
    debianPackage: 'apache2-bin',
    hasRanges: true,
    ...variant,
    configure: ({ root, port }) => `
      ${modules.map((name) => `LoadModule ${name}_module ${APACHE_MODULES}/mod_${name}.so`).join('\n')}
      ServerName localhost
      Listen 127.0.0.1:${port}
      DefaultRuntimeDir .
      PidFile apache.pid
      ErrorLog /dev/stderr
      User www-data
      Group www-data
      TypesConfig /dev/null
      AddType audio/x-wav .wav
      DocumentRoot ${root}
      ${directives}`,
    args: (configFile) => ['-X', '-d', '.', '-f', configFile],
  };
}

function lighttpd({ directives = '', ...variant }: Variant): RealServer {
  return {
    command: 'lighttpd',
    debianPackage: 'lighttpd',
    hasRanges: true,
    ...variant,
    // Its cache would give a file that has just been replaced the old one's validators, for two seconds.
    configure: ({ root, port }) => `
      server.bind = "127.0.0.1"
      server.port = ${port}
      server.document-root = "${root}"
      server.stat-cache-engine = "disable"
      index-file.names = ("index.html")
      mimetype.assign = (".wav" => "audio/x-wav", ".html" => "text/html")
      ${directives}`,
    args: (configFile) => ['-D', '-f', configFile],
  };
}

function caddy({ directives = '', ...variant }: Variant): RealServer {
  return {
    command: 'caddy',
    debianPackage: 'caddy',
    hasRanges: true,
    ...variant,
    configure: ({ root, port }) => `
      {
        admin off
        auto_https off
      }
      http://127.0.0.1:${port} {
        bind 127.0.0.1
        root * ${root}
        file_server
        ${directives}
      }`,
    args: (configFile) => ['run', '--adapter', 'caddyfile', '--config', configFile],
  };
}

function python(variant: Variant): RealServer {
  return {
    command: 'python3',
    debianPackage: 'python3',
    hasRanges: false,
    ...variant,
    configure: () => '',
    args: (_, { root, port }) => ['-m', 'http.server', `${port}`, '--bind', '127.0.0.1', '--directory', root],
  };
}
