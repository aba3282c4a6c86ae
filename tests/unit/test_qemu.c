/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU's command line, as text: the words in their order with a blank between them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "harness/guest/qemu.h"
#include "lib/buf.h"

static const struct shape plain = { .arch = ARCH_X86_64, .accel = ACCEL_TCG, .cpus = 16,
				    .memory = 2ull << 30, .numa_node = -1 };

static struct buf text;

static const char *line(const struct qemu_line *l)
{
	char **argv = qemu_argv(l);
	size_t i;

	buf_reset(&text);
	for (i = 0; argv[i]; i++)
		buf_fmt(&text, " %s", argv[i]);
	qemu_argv_free(argv);
	return buf_text(&text);
}

static const char *of_shape(const struct shape *s)
{
	return line(&(struct qemu_line){ .shape = s, .append = "console=ttyS0" });
}

static const char *append(const struct shape *s, size_t ramdisks)
{
	buf_reset(&text);
	qemu_append(s, ramdisks, false, &text);
	return buf_text(&text);
}

static int release(void **state)
{
	(void)state;
	buf_release(&text);
	return 0;
}

#define assert_has(line, words) assert_non_null(strstr(line, words))
#define assert_lacks(line, words) assert_null(strstr(line, words))

static void the_whole_line_of_an_emulated_guest(void **state)
{
	(void)state;
	assert_string_equal(
		of_shape(&plain),
		" qemu-system-x86_64 -name foliobench,debug-threads=on -nodefaults -no-user-config"
		" -display none -nic none -no-reboot"
		" -sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"
		" -machine q35,smm=off,vmport=off,i8042=off,hpet=off,memory-backend=ram"
		" -accel tcg,thread=single -cpu max -smp 16 -m 2097152K"
		" -object memory-backend-ram,id=ram,size=2097152K"
		" -chardev socket,id=console,fd=3 -serial chardev:console"
		" -chardev socket,id=qmp,fd=5 -mon chardev=qmp,mode=control -device virtio-serial-pci"
		" -chardev socket,id=relay,fd=4 -device virtserialport,chardev=relay,name=org.foliobench.relay"
		" -kernel /proc/self/fd/6 -initrd /proc/self/fd/7 -append console=ttyS0");
}

static void an_arm64_guest_has_its_own_machine(void **state)
{
	struct shape s = plain;
	const char *l;

	(void)state;
	s.arch = ARCH_ARM64;
	l = of_shape(&s);
	assert_has(l, " qemu-system-aarch64 ");
	assert_has(l, " -machine virt,gic-version=max,memory-backend=ram ");
	assert_has(l, " -cpu neoverse-n1 ");
	s.accel = ACCEL_KVM;
	assert_has(of_shape(&s), " -cpu host ");
}

static void each_accelerator_has_its_words(void **state)
{
	struct shape s = plain;

	(void)state;
	s.accel = ACCEL_TCG_MULTI;
	assert_has(of_shape(&s), " -accel tcg,thread=multi -cpu max ");
	s.accel = ACCEL_KVM;
	assert_has(of_shape(&s), " -accel kvm -cpu host,migratable=off ");
}

static void a_guest_that_is_to_wait_is_paused(void **state)
{
	(void)state;
	assert_has(line(&(struct qemu_line){ .shape = &plain, .append = "", .paused = true }), " -S ");
	assert_lacks(of_shape(&plain), " -S ");
}

static void a_guest_to_count_in_has_time_by_instructions_and_the_plugin(void **state)
{
	const char *l = line(&(struct qemu_line){ .shape = &plain, .append = "", .counted = true });

	(void)state;
	assert_has(l, " -accel tcg,thread=single ");
	assert_has(l, " -icount shift=1,sleep=off -rtc base=2026-01-01,clock=vm -seed 1 "
		      "-plugin /proc/self/fd/8,fd=9 ");
	assert_has(l, " -device virtio-serial-pci,ioeventfd=off ");
	assert_has(l, " -add-fd fd=3,set=3 -chardev file,id=console,path=/dev/fdset/3,append=on "
		      "-serial chardev:console ");
	assert_has(l, " -sandbox on,");
	assert_lacks(of_shape(&plain), "-icount");
	assert_lacks(of_shape(&plain), "-plugin");
	assert_lacks(of_shape(&plain), "ioeventfd");
}

static void the_kernel_of_one_has_no_addresses_by_chance(void **state)
{
	struct shape s = plain;

	(void)state;
	s.cmdline = "loglevel=7";
	buf_reset(&text);
	qemu_append(&s, 0, true, &text);
	assert_has(buf_text(&text), " nokaslr ");
	assert_has(buf_text(&text), " norandmaps randomize_kstack_offset=off loglevel=5 tsc_early_khz=1000000 "
				    "cpu_init_udelay=0 loglevel=7");
	assert_has(buf_text(&text), " watchdog_thresh=2 ");
	s.arch = ARCH_ARM64;
	buf_reset(&text);
	qemu_append(&s, 0, true, &text);
	assert_has(buf_text(&text), " norandmaps randomize_kstack_offset=off loglevel=5 loglevel=7");
}

static void a_disk_is_an_inherited_descriptor(void **state)
{
	const char *l = line(&(struct qemu_line){ .shape = &plain, .append = "", .ndisks = 2 });

	(void)state;
	assert_has(l, " -add-fd fd=14,set=14 "
		      "-blockdev driver=file,node-name=file0,filename=/dev/fdset/14,locking=off,cache.no-flush=on "
		      "-blockdev driver=raw,node-name=disk0,file=file0 -device virtio-blk-pci,drive=disk0 ");
	assert_has(l, " -add-fd fd=15,set=15 ");
	assert_has(l, "drive=disk1 ");
	assert_lacks(l, "disk2");
}

static void the_hosts_root_is_read_only(void **state)
{
	struct shape s = plain;
	const char *l;

	(void)state;
	s.host_root = true;
	l = of_shape(&s);
	assert_has(l, " -fsdev local,id=root,path=/,security_model=none,readonly=on,multidevs=remap "
		      "-device virtio-9p-pci,fsdev=root,mount_tag=foliobench.root ");
	assert_has(l, "chardev=stdin,name=org.foliobench.stdin");
	assert_has(l, "chardev=stdout,name=org.foliobench.stdout");
	assert_has(l, "chardev=stderr,name=org.foliobench.stderr");
	assert_lacks(l, "virtconsole");
}

static void a_terminal_takes_the_place_of_the_three_streams(void **state)
{
	struct shape s = plain;
	const char *l;

	(void)state;
	s.host_root = s.terminal = true;
	l = of_shape(&s);
	assert_has(l, " -chardev socket,id=terminal,fd=13 -device virtconsole,chardev=terminal,nr=0 ");
	assert_lacks(l, "org.foliobench.stdin");
}

static void no_guest_has_a_network_or_a_file_with_a_name(void **state)
{
	struct shape s = plain;
	const char *l;

	(void)state;
	s.host_root = s.huge_pages = true;
	l = line(&(struct qemu_line){ .shape = &s, .append = "", .ndisks = 3 });
	assert_has(l, " -nic none ");
	assert_lacks(l, "netdev");
	assert_lacks(l, "virtio-net");
	assert_lacks(l, "user,");
	assert_lacks(l, "/tmp");
	assert_lacks(l, "server=on");
	assert_lacks(l, "path=/tmp");
}

static void memory_can_be_bound_and_huge(void **state)
{
	struct shape s = plain;

	(void)state;
	s.numa_node = 1;
	assert_has(of_shape(&s), " memory-backend-ram,id=ram,size=2097152K,prealloc=on,host-nodes=1,policy=bind ");
	s.huge_pages = true;
	assert_has(of_shape(&s),
		   " memory-backend-memfd,id=ram,size=2097152K,hugetlb=on,prealloc=on,host-nodes=1,policy=bind ");
	s.numa_node = -1;
	assert_has(of_shape(&s), " memory-backend-memfd,id=ram,size=2097152K,hugetlb=on,prealloc=on ");
}

static void the_kernel_of_an_emulated_guest_is_patient(void **state)
{
	(void)state;
	assert_string_equal(append(&plain, 0),
			    "console=ttyS0 earlyprintk=serial,ttyS0,115200 panic=-1 oops=panic "
			    "sysrq_always_enabled watchdog_thresh=15 softlockup_panic=1 "
			    "sysctl.kernel.hung_task_timeout_secs=35 "
			    "sysctl.kernel.hung_task_check_interval_secs=5 hung_task_panic=1 "
			    "rcupdate.rcu_cpu_stall_timeout=35 nokaslr no_timer_check tsc=reliable lpj=4000000");
}

static void under_kvm_the_kernel_has_its_usual_clocks_and_layout(void **state)
{
	struct shape s = plain;
	const char *l;

	(void)state;
	s.accel = ACCEL_KVM;
	l = append(&s, 0);
	assert_lacks(l, "nokaslr");
	assert_lacks(l, "tsc=");
	assert_has(l, "watchdog_thresh=10 ");
}

static void an_arm64_kernel_has_another_console(void **state)
{
	struct shape s = plain;
	const char *l;

	(void)state;
	s.arch = ARCH_ARM64;
	l = append(&s, 0);
	assert_has(l, "console=ttyAMA0 earlycon=pl011,0x9000000 ");
	assert_lacks(l, "ttyS0");
	assert_lacks(l, "tsc=");
}

static void ram_disks_are_told_their_number_and_size(void **state)
{
	struct shape s = plain;

	(void)state;
	s.disk_size = 1ull << 30;
	assert_has(append(&s, 2), " brd.rd_nr=2 brd.rd_size=1048576");
	assert_lacks(append(&s, 0), "brd.");
}

static void the_users_words_come_last(void **state)
{
	struct shape s = plain;
	const char *l, *at;

	(void)state;
	s.cmdline = "mitigations=off watchdog_thresh=60";
	l = append(&s, 1);
	at = strstr(l, " mitigations=off watchdog_thresh=60");
	assert_non_null(at);
	assert_string_equal(at, " mitigations=off watchdog_thresh=60");
}

static void a_package_is_named_for_each_program(void **state)
{
	(void)state;
	assert_string_equal(qemu_program(ARCH_X86_64), "qemu-system-x86_64");
	assert_string_equal(qemu_package(ARCH_X86_64), "qemu-system-x86");
	assert_string_equal(qemu_program(ARCH_ARM64), "qemu-system-aarch64");
	assert_string_equal(qemu_package(ARCH_ARM64), "qemu-system-arm");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_whole_line_of_an_emulated_guest),
		cmocka_unit_test(an_arm64_guest_has_its_own_machine),
		cmocka_unit_test(each_accelerator_has_its_words),
		cmocka_unit_test(a_guest_that_is_to_wait_is_paused),
		cmocka_unit_test(a_guest_to_count_in_has_time_by_instructions_and_the_plugin),
		cmocka_unit_test(the_kernel_of_one_has_no_addresses_by_chance),
		cmocka_unit_test(a_disk_is_an_inherited_descriptor),
		cmocka_unit_test(the_hosts_root_is_read_only),
		cmocka_unit_test(a_terminal_takes_the_place_of_the_three_streams),
		cmocka_unit_test(no_guest_has_a_network_or_a_file_with_a_name),
		cmocka_unit_test(memory_can_be_bound_and_huge),
		cmocka_unit_test(the_kernel_of_an_emulated_guest_is_patient),
		cmocka_unit_test(under_kvm_the_kernel_has_its_usual_clocks_and_layout),
		cmocka_unit_test(an_arm64_kernel_has_another_console),
		cmocka_unit_test(ram_disks_are_told_their_number_and_size),
		cmocka_unit_test(the_users_words_come_last),
		cmocka_unit_test(a_package_is_named_for_each_program),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
