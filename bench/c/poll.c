/* Polls the bench's device with libsnmp's asynchronous API, as bench/snmp-pollers.ts does, and prints what a poll cost.
 * Usage: poll PORT 2c|3 DEVICES ROUNDS < lines of OIDs: the scalars, an empty line, the columns. */
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <sys/resource.h>

#define MAX_OIDS 32
#define VARIABLES 65

struct name { oid oids[MAX_OID_LEN]; size_t length; };

static struct name scalars[MAX_OIDS], columns[MAX_OIDS];
static int scalar_count, column_count, running;
static long values;
static double sum;

struct device {
  netsnmp_session *session;
  struct name last[MAX_OIDS];
  int active[MAX_OIDS], active_count;
};

static int answered(int operation, netsnmp_session *session, int reqid, netsnmp_pdu *pdu, void *magic);

static double number(const netsnmp_variable_list *v) {
  if (v->type == ASN_COUNTER64) return v->val.counter64->high * 4294967296.0 + v->val.counter64->low;
  return v->type == ASN_INTEGER ? *v->val.integer : (unsigned)*v->val.integer;
}

static void ask(struct device *d, int command) {
  netsnmp_pdu *pdu = snmp_pdu_create(command);
  if (command == SNMP_MSG_GET)
    for (int i = 0; i < scalar_count; i++) snmp_add_null_var(pdu, scalars[i].oids, scalars[i].length);
  else {
    pdu->non_repeaters = 0;
    pdu->max_repetitions = VARIABLES / d->active_count;
    for (int i = 0; i < d->active_count; i++) snmp_add_null_var(pdu, d->last[d->active[i]].oids, d->last[d->active[i]].length);
  }
  if (!snmp_async_send(d->session, pdu, answered, d)) { snmp_perror("send"); exit(1); }
}

static void take_rows(struct device *d, const netsnmp_variable_list *v) {
  int ended[MAX_OIDS] = {0};
  for (int i = 0; v; v = v->next_variable, i = (i + 1) % d->active_count) {
    int c = d->active[i];
    if (ended[i]) continue;
    if (v->type >= SNMP_NOSUCHOBJECT || snmp_oidtree_compare(v->name, columns[c].length, columns[c].oids, columns[c].length)) { ended[i] = 1; continue; }
    memcpy(d->last[c].oids, v->name, v->name_length * sizeof(oid));
    d->last[c].length = v->name_length;
    sum += number(v);
    values++;
  }
  int left = 0;
  for (int i = 0; i < d->active_count; i++) if (!ended[i]) d->active[left++] = d->active[i];
  d->active_count = left;
}

static int answered(int operation, netsnmp_session *session, int reqid, netsnmp_pdu *pdu, void *magic) {
  struct device *d = magic;
  if (operation != NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE || pdu->errstat) { fprintf(stderr, "no answer\n"); exit(1); }
  if (d->active_count < 0) {
    for (netsnmp_variable_list *v = pdu->variables; v; v = v->next_variable) { sum += number(v); values++; }
    d->active_count = column_count;
  } else take_rows(d, pdu->variables);
  if (d->active_count > 0) ask(d, SNMP_MSG_GETBULK); else running--;
  return 1;
}

static void poll_all(struct device *devices, int count) {
  values = 0;
  for (int i = 0; i < count; i++) {
    devices[i].active_count = -1;
    for (int c = 0; c < column_count; c++) { devices[i].active[c] = c; devices[i].last[c] = columns[c]; }
    running++;
    ask(&devices[i], SNMP_MSG_GET);
  }
  while (running > 0) {
    int fds = 0, block = 1;
    fd_set set;
    struct timeval timeout;
    FD_ZERO(&set);
    snmp_select_info(&fds, &set, &timeout, &block);
    if (select(fds, &set, NULL, NULL, block ? NULL : &timeout) > 0) snmp_read(&set); else snmp_timeout();
  }
}

static double cpu(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 + u.ru_utime.tv_usec + u.ru_stime.tv_usec;
}

static void secure(netsnmp_session *s) {
  static u_char auth_key[USM_AUTH_KU_LEN], priv_key[USM_PRIV_KU_LEN];
  static size_t auth_length = USM_AUTH_KU_LEN, priv_length = USM_PRIV_KU_LEN;
  static oid *auth = usmHMAC192SHA256AuthProtocol;
  const char *a = "authpass123", *p = "privpass123";
  size_t length = OID_LENGTH(usmHMAC192SHA256AuthProtocol);
  if (auth_length == USM_AUTH_KU_LEN) {
    generate_Ku(auth, length, (const u_char *)a, strlen(a), auth_key, &auth_length);
    generate_Ku(auth, length, (const u_char *)p, strlen(p), priv_key, &priv_length);
  }
  s->version = SNMP_VERSION_3;
  s->securityName = (char *)"bench";
  s->securityNameLen = 5;
  s->securityLevel = SNMP_SEC_LEVEL_AUTHPRIV;
  s->securityAuthProto = auth;
  s->securityAuthProtoLen = length;
  s->securityPrivProto = usmAESPrivProtocol;
  s->securityPrivProtoLen = OID_LENGTH(usmAESPrivProtocol);
  memcpy(s->securityAuthKey, auth_key, auth_length);
  s->securityAuthKeyLen = auth_length;
  memcpy(s->securityPrivKey, priv_key, priv_length);
  s->securityPrivKeyLen = priv_length;
}

int main(int argc, char **argv) {
  char line[512], peer[64];
  int count = atoi(argv[3]), rounds = atoi(argv[4]), *to = &scalar_count;
  struct name *names = scalars;
  (void)argc;
  setenv("MIBS", "", 1);
  init_snmp("bench");
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = 0;
    if (!*line) { names = columns; to = &column_count; continue; }
    names[*to].length = MAX_OID_LEN;
    if (!read_objid(line, names[*to].oids, &names[*to].length)) return 1;
    ++*to;
  }
  struct device *devices = calloc(count, sizeof *devices);
  snprintf(peer, sizeof peer, "127.0.0.1:%s", argv[1]);
  for (int i = 0; i < count; i++) {
    netsnmp_session session;
    snmp_sess_init(&session);
    session.peername = peer;
    session.timeout = 2000000;
    session.retries = 1;
    if (argv[2][0] == '3') secure(&session);
    else { session.version = SNMP_VERSION_2c; session.community = (u_char *)"bench"; session.community_len = 5; }
    if (!(devices[i].session = snmp_open(&session))) { snmp_perror("open"); return 1; }
  }
  poll_all(devices, count);
  double before = cpu();
  for (int r = 0; r < rounds; r++) poll_all(devices, count);
  printf("%f %ld\n", (cpu() - before) / rounds / count, values / count);
  return sum > 0 ? 0 : 1;
}
