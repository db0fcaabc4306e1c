/** What a directive does to a request that is in none of the files beside this one, as far as reach goes. */
export type Role =
  /** Nothing that decides who reaches what: buffers, logs, TLS details, headers of the answer. */
  | 'neutral'
  /** It answers in place of the location's files or proxy, in its own way. */
  | 'action'
  /** A page that nginx makes. */
  | 'builtin'
  /** It may refuse a request. */
  | 'guard'
  /** It may send a request anywhere, before any guard is asked. */
  | 'early'
  /** It chooses among back ends in its own way. */
  | 'targets'

/** Interpreted by the files beside this one. */
const INTERPRETED = `allow auth_basic auth_basic_user_file auth_jwt auth_request autoindex break deny error_page events fastcgi_pass geo grpc_pass
  grpc_set_header http http2 if include internal limit_conn limit_conn_dry_run limit_conn_zone limit_except limit_req limit_req_dry_run limit_req_zone
  listen location mail map memcached_pass mirror pass proxy_pass proxy_set_header proxy_ssl real_ip_header return rewrite root alias rtmp satisfy scgi_pass
  server server_name set set_real_ip_from split_clients ssl ssl_reject_handshake ssl_verify_client stream try_files upstream uwsgi_pass`

/**
 * `name*` is a family none of whose members decides, but for those named in a row before it. Taken from the command tables of
 * nginx 1.29 (src/) and the modules that Debian and OpenResty package.
 */
const ROLES: readonly { readonly role: Role; readonly names: string }[] = [
  {
    role: 'action',
    names: `content_by_lua* js_content perl passenger_enabled echo* nchan_* push_stream_* drizzle_pass postgres_pass redis_pass redis2_pass memc_pass
      proxy_connect tunnel_pass api rtmp_stat hls f4f`,
  },
  { role: 'builtin', names: 'stub_status empty_gif status vhost_traffic_status_display check_status random_index' },
  {
    role: 'guard',
    names: `access_by_lua* js_access auth_pam* auth_ldap* auth_digest* auth_gss* auth_oidc* secure_link_md5 secure_link_secret testcookie
      modsecurity* SecRulesEnabled CheckRule preread_by_lua* js_preread ssl_certificate_by_lua* ssl_client_hello_by_lua*`,
  },
  { role: 'early', names: 'rewrite_by_lua* server_rewrite_by_lua* post_action' },
  { role: 'targets', names: 'balancer_by_lua*' },
  {
    role: 'neutral',
    names: `access_log absolute_redirect accept_mutex accept_mutex_delay add_* addition_types aio aio_write ancient_browser* args auth_delay auth_http auth_http_* auth_jwt_*
      auth_request_set autoindex_* body_filter_by_lua* brotli* charset charset_* chunked_transfer_encoding client_* connection_pool_size create_full_put_path
      daemon dav_* debug_connection debug_points default_type degradation degrade directio directio_alignment disable_symlinks early_hints env error_log
      etag exit_worker_by_lua* expires fancyindex* fastcgi_* flv geoip_* geoip2_* google_perftools_profiles grpc_* gunzip gunzip_buffers gzip gzip_*
      hash header_filter_by_lua* health_check http2_* http3 http3_* if_modified_since ignore_invalid_headers image_filter image_filter_* imap_*
      index init_by_lua* init_worker_by_lua* ip_hash js_* keepalive keepalive_* large_client_header_buffers least_conn least_time limit_conn_*
      limit_rate limit_rate_after limit_req_* lingering_* load_module lock_file log_* lua_* map_hash_* master_process max_errors max_headers max_ranges
      memcached_* merge_slashes mgmt min_delete_depth mirror_request_body modern_browser* more_* mp4 mp4_* msie_* multi_accept open_file_cache open_file_cache_*
      open_log_file_cache opentracing* otel_* output_buffers override_charset pagespeed* passenger_* pcre_jit perl_* pid pop3_* port_in_redirect
      post_acceptex postpone_gzipping postpone_output preread_buffer_size preread_timeout protocol proxy proxy_* queue quic_* random random_index_*
      read_ahead real_ip_recursive recursive_error_pages referer_hash_* request_pool_size reset_timedout_connection resolver resolver_timeout rewrite_log
      scgi_* secure_link send_lowat send_timeout sendfile sendfile_max_chunk server_name_in_redirect server_names_hash_* server_tokens
      set_by_lua* slice smtp_* source_charset ssi ssi_* ssl_* starttls state status_zone sticky sub_filter sub_filter_* subrequest_output_buffer_size
      tcp_nodelay tcp_nopush thread_pool timeout timer_resolution tunnel_* types types_hash_* underscores_in_headers uninitialized_variable_warn
      use user userid userid_* uwsgi_* valid_referers variables_hash_* vhost_traffic_status* worker_* working_directory xclient xml_* xslt_*
      zone zstd*`,
  },
]

const NAMES = new Map<string, Role | 'interpreted'>()
const FAMILIES: (readonly [string, Role])[] = []
for (const name of INTERPRETED.split(/\s+/)) NAMES.set(name, 'interpreted')
for (const { role, names } of ROLES) {
  for (const name of names.split(/\s+/)) {
    if (name.endsWith('*')) FAMILIES.push([name.slice(0, -1), role])
    else if (!NAMES.has(name)) NAMES.set(name, role)
  }
}

/** `undefined`: in no table. */
export function roleOf(name: string): Role | 'interpreted' | undefined {
  return NAMES.get(name) ?? FAMILIES.find(([prefix]) => name.startsWith(prefix))?.[1]
}

interface Form {
  readonly least: number
  readonly most: number
  readonly block: boolean
}

const line = (least: number, most: number = least): Form => ({ least, most, block: false })
const block = (least: number, most: number = least): Form => ({ least, most, block: true })
const ANY = Number.POSITIVE_INFINITY

/** How many words follow each directive that decides, and whether a block does: nginx refuses any other form. */
const FORMS: ReadonlyMap<string, Form> = new Map(
  Object.entries({
    http: block(0),
    stream: block(0),
    upstream: block(1),
    location: block(1, 2),
    if: block(1, ANY),
    limit_except: block(1, ANY),
    map: block(2),
    geo: block(1, 2),
    split_clients: block(2),
    listen: line(1, ANY),
    server_name: line(1, ANY),
    proxy_pass: line(1),
    fastcgi_pass: line(1),
    uwsgi_pass: line(1),
    scgi_pass: line(1),
    grpc_pass: line(1),
    memcached_pass: line(1),
    pass: line(1),
    proxy_set_header: line(2),
    return: line(1, 2),
    rewrite: line(2, 3),
    set: line(2),
    break: line(0),
    allow: line(1),
    deny: line(1),
    satisfy: line(1),
    auth_basic: line(1),
    auth_basic_user_file: line(1),
    auth_request: line(1),
    limit_req: line(1, 3),
    limit_conn: line(2),
    internal: line(0),
    root: line(1),
    alias: line(1),
    try_files: line(2, ANY),
    error_page: line(2, ANY),
    mirror: line(1),
    set_real_ip_from: line(1),
    ssl_verify_client: line(1),
  }),
)

/** What is wrong with the form of a directive, in words; `undefined` where nothing is, or the form is not known. */
export function formProblem(name: string, words: number, hasBlock: boolean): string | undefined {
  const form = FORMS.get(name)
  if (form === undefined) return undefined
  if (form.block !== hasBlock) return form.block ? `"${name}" needs a block` : `"${name}" takes no block`
  return words < form.least || words > form.most ? `"${name}" with ${words} words: is a ";" missing?` : undefined
}
