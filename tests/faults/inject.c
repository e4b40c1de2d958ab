// inject: runs a command, counts its file system calls below a folder over all its threads, and at the N-th of them kills
// the command or lets the call fail. One count for all threads is what `strace -e inject` lacks: it counts per thread.
//
//   inject -r FOLDER [-n N] [-e ERRNO [-p]] [-m PART] [-s NAME,NAME|-a] -l LOG -- COMMAND...
//
//   -n N       the call to strike; without it the calls are only counted
//   -e ERRNO   lets the call fail with this number instead of killing the command
//   -p         fails from the N-th call on, not only once
//   -m PART    counts only calls whose path contains PART
//   -s NAMES   counts only these calls; -a counts all it knows, also those that only read; else those that change something.
//              clone and clone3, which begin threads and name no file, count only when they are named
//   -l LOG     a line for each counted call, and `TOTAL N` at the end
//
// It ends with the command's exit status, 137 where that was killed. Linux, x86-64 and AArch64; no rights are needed.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef PTRACE_EVENT_SECCOMP
#define PTRACE_EVENT_SECCOMP 7
#endif

// Where a call names its file.
enum place { FD, FD_THIRD, PATH, AT, TWO_PATHS, TWO_AT, OPEN, OPEN_AT, NO_FILE };

struct call {
    long number;
    const char *name;
    enum place place;
    int changes;
};

static const struct call CALLS[] = {
    {SYS_write, "write", FD, 1},
    {SYS_pwrite64, "pwrite64", FD, 1},
    {SYS_writev, "writev", FD, 1},
    {SYS_pwritev, "pwritev", FD, 1},
    {SYS_openat, "openat", OPEN_AT, 1},
    {SYS_renameat2, "renameat2", TWO_AT, 1},
    {SYS_unlinkat, "unlinkat", AT, 1},
    {SYS_mkdirat, "mkdirat", AT, 1},
    {SYS_ftruncate, "ftruncate", FD, 1},
    {SYS_fsync, "fsync", FD, 1},
    {SYS_fdatasync, "fdatasync", FD, 1},
    {SYS_fchmod, "fchmod", FD, 1},
    {SYS_fchmodat, "fchmodat", AT, 1},
    {SYS_utimensat, "utimensat", AT, 1},
    {SYS_linkat, "linkat", TWO_AT, 1},
    {SYS_flock, "flock", FD, 1},
    {SYS_copy_file_range, "copy_file_range", FD_THIRD, 1},
    {SYS_sendfile, "sendfile", FD, 1},
    {SYS_read, "read", FD, 0},
    {SYS_pread64, "pread64", FD, 0},
    {SYS_getdents64, "getdents64", FD, 0},
    {SYS_newfstatat, "newfstatat", AT, 0},
    {SYS_statx, "statx", AT, 0},
    {SYS_faccessat, "faccessat", AT, 0},
    {SYS_clone, "clone", NO_FILE, 0},
    {SYS_clone3, "clone3", NO_FILE, 0},
#ifdef __x86_64__
    {SYS_open, "open", OPEN, 1},
    {SYS_creat, "creat", PATH, 1},
    {SYS_rename, "rename", TWO_PATHS, 1},
    {SYS_unlink, "unlink", PATH, 1},
    {SYS_mkdir, "mkdir", PATH, 1},
    {SYS_rmdir, "rmdir", PATH, 1},
    {SYS_chmod, "chmod", PATH, 1},
    {SYS_link, "link", TWO_PATHS, 1},
    {SYS_stat, "stat", PATH, 0},
    {SYS_lstat, "lstat", PATH, 0},
    {SYS_access, "access", PATH, 0},
#endif
};
#define COUNT ((int)(sizeof CALLS / sizeof *CALLS))

static const char *root, *part, *names;
static int all, persistent, fail_with;
static long strike_at = -1;
static FILE *log_file;

static int is_wanted(const struct call *call) {
    char listed[1024], name[64];
    if (!names) return call->place != NO_FILE && (all || call->changes);
    snprintf(listed, sizeof listed, ",%s,", names);
    snprintf(name, sizeof name, ",%s,", call->name);
    return strstr(listed, name) != NULL;
}

static void link_target(const char *link, char *into) {
    ssize_t length = readlink(link, into, PATH_MAX - 1);
    into[length > 0 ? length : 0] = 0;
}

static void of_descriptor(pid_t thread, long descriptor, char *into) {
    char link[64];
    snprintf(link, sizeof link, "/proc/%d/fd/%d", thread, (int)descriptor);
    link_target(link, into);
}

static int read_text(pid_t thread, unsigned long address, char *into) {
    size_t done = 0;
    // Page by page: the next page may not be mapped.
    while (done < PATH_MAX - 1) {
        size_t length = 4096 - ((address + done) & 4095);
        if (length > PATH_MAX - 1 - done) length = PATH_MAX - 1 - done;
        struct iovec here = {into + done, length}, there = {(void *)(address + done), length};
        ssize_t read = process_vm_readv(thread, &here, 1, &there, 1, 0);
        if (read <= 0) break;
        if (memchr(into + done, 0, read)) return 1;
        done += read;
    }
    return 0;
}

static void of_path(pid_t thread, long folder, unsigned long address, char *into) {
    char text[PATH_MAX], base[PATH_MAX], link[64];
    into[0] = 0;
    if (!address) {
        of_descriptor(thread, folder, into);
        return;
    }
    if (!read_text(thread, address, text)) return;
    if (text[0] == '/') {
        snprintf(into, PATH_MAX, "%s", text);
        return;
    }
    if ((int)folder == AT_FDCWD) {
        snprintf(link, sizeof link, "/proc/%d/cwd", thread);
        link_target(link, base);
    } else {
        of_descriptor(thread, folder, base);
    }
    if (snprintf(into, PATH_MAX, text[0] ? "%s/%s" : "%s", base, text) >= PATH_MAX) into[0] = 0;
}

// Whether this call counts; `one` and `other` become the paths that it names.
static int counts(pid_t thread, const struct call *call, const unsigned long *args, char *one, char *other) {
    long flags = -1;
    one[0] = other[0] = 0;
    switch (call->place) {
    case NO_FILE: return 1;
    case FD: of_descriptor(thread, (long)args[0], one); break;
    case FD_THIRD: of_descriptor(thread, (long)args[2], one); break;
    case OPEN:
        flags = (long)args[1]; // fall through
    case PATH: of_path(thread, AT_FDCWD, args[0], one); break;
    case OPEN_AT:
        flags = (long)args[2]; // fall through
    case AT: of_path(thread, (long)args[0], args[1], one); break;
    case TWO_PATHS:
        of_path(thread, AT_FDCWD, args[0], one);
        of_path(thread, AT_FDCWD, args[1], other);
        break;
    case TWO_AT:
        of_path(thread, (long)args[0], args[1], one);
        of_path(thread, (long)args[2], args[3], other);
        break;
    }
    // Opening a file to read it changes nothing.
    if (!all && !names && flags >= 0 && !(flags & (O_CREAT | O_WRONLY | O_RDWR | O_TRUNC))) return 0;
    size_t length = strlen(root);
    int below = !strncmp(one, root, length) || !strncmp(other, root, length);
    return below && (!part || strstr(one, part) || strstr(other, part));
}

static void let_fail(pid_t thread) {
#ifdef __x86_64__
    struct user_regs_struct registers;
    ptrace(PTRACE_GETREGS, thread, 0, &registers);
    registers.orig_rax = -1;
    registers.rax = -(long)fail_with;
    ptrace(PTRACE_SETREGS, thread, 0, &registers);
#else
    int none = -1;
    struct iovec number = {&none, sizeof none};
    ptrace(PTRACE_SETREGSET, thread, 0x404, &number); // NT_ARM_SYSTEM_CALL
    struct user_regs_struct registers;
    struct iovec whole = {&registers, sizeof registers};
    ptrace(PTRACE_GETREGSET, thread, 1, &whole);
    registers.regs[0] = -(long)fail_with;
    ptrace(PTRACE_SETREGSET, thread, 1, &whole);
#endif
}

static void strike(pid_t command, pid_t thread) {
    static long count;
    unsigned long index;
    struct __ptrace_syscall_info info;
    char one[PATH_MAX], other[PATH_MAX];
    if (!thread) {
        fprintf(log_file, "TOTAL %ld\n", count);
        return;
    }
    if (ptrace(PTRACE_GETEVENTMSG, thread, 0, &index)) return;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info) <= 0) return;
    const struct call *call = &CALLS[index];
    unsigned long args[6];
    for (int at = 0; at < 6; at++) args[at] = info.seccomp.args[at];
    if (!counts(thread, call, args, one, other)) return;
    count += 1;
    fprintf(log_file, "%ld %s %s%s%s\n", count, call->name, one, other[0] ? " -> " : "", other);
    if (strike_at < 0 || (count != strike_at && !(persistent && count > strike_at))) return;
    if (fail_with) {
        let_fail(thread);
    } else {
        kill(command, SIGKILL);
    }
    fprintf(log_file, "STRUCK %ld\n", count);
}

static void run_command(char **command) {
    struct sock_filter filter[2 * COUNT + 2];
    int length = 0;
    filter[length++] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (int index = 0; index < COUNT; index++) {
        if (!is_wanted(&CALLS[index])) continue;
        filter[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)CALLS[index].number, 0, 1);
        filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | index);
    }
    filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {length, filter};
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
        perror("seccomp");
        _exit(99);
    }
    execvp(command[0], command);
    perror(command[0]);
    _exit(98);
}

int main(int count, char **arguments) {
    int option, status, code = 0;
    while ((option = getopt(count, arguments, "+r:n:e:pm:s:al:")) != -1) {
        switch (option) {
        case 'r': root = optarg; break;
        case 'n': strike_at = atol(optarg); break;
        case 'e': fail_with = atoi(optarg); break;
        case 'p': persistent = 1; break;
        case 'm': part = optarg; break;
        case 's': names = optarg; break;
        case 'a': all = 1; break;
        case 'l': log_file = fopen(optarg, "w"); break;
        default: return 97;
        }
    }
    if (!root || !log_file || optind >= count) return 97;
    setvbuf(log_file, NULL, _IOLBF, 0);
    pid_t command = fork();
    if (!command) run_command(arguments + optind);
    waitpid(command, &status, 0);
    long options = PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                   PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEEXEC;
    if (ptrace(PTRACE_SETOPTIONS, command, 0, options)) {
        perror("ptrace");
        kill(command, SIGKILL);
        return 97;
    }
    ptrace(PTRACE_CONT, command, 0, 0);
    for (;;) {
        pid_t thread = waitpid(-1, &status, __WALL);
        if (thread < 0 && errno == ECHILD) break;
        if (thread < 0) continue;
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            if (thread == command) code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            continue;
        }
        int signal = WSTOPSIG(status), event = status >> 16;
        if (event == PTRACE_EVENT_SECCOMP) strike(command, thread);
        // A stop of ptrace's own is no signal for the command.
        int passed_on = event || signal == SIGSTOP || signal == SIGTRAP ? 0 : signal;
        ptrace(PTRACE_CONT, thread, 0, passed_on);
    }
    strike(command, 0);
    fclose(log_file);
    return code;
}
