/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.amend4j.deletion.DeletionLedger;
import org.amend4j.deletion.EntryType;
import org.amend4j.deletion.LedgerEntry;
import org.amend4j.deletion.SubjectKey;
import org.amend4j.internal.file.AtomicFile;
import org.amend4j.service.SmallService.Kind;
import org.amend4j.transparency.MerkleTree;
import org.amend4j.unlearn.MemoryVault;
import org.amend4j.unlearn.SealedVault;
import org.amend4j.unlearn.StepListener;
import org.amend4j.verify.CertificateVerifier;
import org.amend4j.verify.VerificationReport;
import org.amend4j.verify.VerifierInputs;
import org.apache.commons.numbers.core.DD;
import org.apache.commons.numbers.gamma.Erfc;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Training, deletions and their ledgers, killed with SIGKILL again and again: no acknowledged request is lost, nothing
 * half-written is accepted, and the parameters end at the same bits.
 */
class KillServiceTest {

    private static final Logger LOG = LogManager.getLogger(KillServiceTest.class);
    private static final int KILLS = 200;
    /** A kill comes within this share of the time a whole run takes, counted from when it is open. */
    private static final double SHARE = 0.5;

    private static final int PATIENCE_SECONDS = 60;

    @TempDir
    Path temp;

    /** What the kills met. */
    private static final class Count {
        private int kills;
        private int completed;
        private int acknowledged;
        private final Set<String> met = new HashSet<>();

        @Override
        public String toString() {
            return kills + " kills, " + completed + " runs completed, " + acknowledged
                    + " acknowledged requests, states met after a kill: " + met;
        }
    }

    private static Process start(Path run, Kind kind) throws IOException {
        String classes = Stream.of(
                        UnlearningService.class,
                        AtomicFile.class,
                        MerkleTree.class,
                        SmallService.class,
                        KilledService.class,
                        com.fasterxml.jackson.databind.ObjectMapper.class,
                        com.fasterxml.jackson.core.JsonFactory.class,
                        com.fasterxml.jackson.annotation.JsonProperty.class,
                        Erfc.class,
                        DD.class)
                .map(KillServiceTest::place)
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xshare:auto",
                        "-Xmx256m",
                        "-cp",
                        classes,
                        KilledService.class.getName(),
                        run.toString(),
                        kind.name())
                .redirectErrorStream(true)
                .start();
    }

    private static String place(Class<?> type) {
        return Path.of(URI.create(
                        type.getProtectionDomain().getCodeSource().getLocation().toString()))
                .toString();
    }

    @Test
    void aServiceKilledTwoHundredTimesLosesNothing() throws Exception {
        List<Callable<Count>> kinds = Stream.of(Kind.values())
                .<Callable<Count>>map(kind -> () -> killAgainAndAgain(kind))
                .toList();
        ExecutorService pool = Executors.newFixedThreadPool(kinds.size());
        Set<String> met = new HashSet<>();
        int kills = 0;
        try {
            for (Future<Count> future : pool.invokeAll(kinds)) {
                Count count = future.get();
                LOG.info("{}", count);
                kills += count.kills;
                met.addAll(count.met);
            }
        } finally {
            pool.shutdownNow();
        }
        assertEquals(KILLS, kills);
        assertTrue(met.size() >= 4, "the kills met too few states: " + met);
    }

    /** This kind's share of the kills, with services one after the other. */
    private Count killAgainAndAgain(Kind kind) throws Exception {
        Random random = new Random(kind.name().hashCode());
        Count count = new Count();
        AtomicLong alone = new AtomicLong(aloneNanos(kind));
        int share = KILLS / Kind.values().length;
        while (count.kills < share) {
            Path run = Files.createDirectory(temp.resolve(kind + "-" + count.completed))
                    .resolve("run");
            Set<String> acknowledged = new HashSet<>();
            while (count.kills < share && !killed(run, kind, alone, random, count, acknowledged)) {
                requireKept(run, acknowledged, count);
            }
            if (count.kills >= share) {
                finish(run, kind, acknowledged);
            }
            requireFinished(run, kind, acknowledged);
            count.completed++;
            count.acknowledged += acknowledged.size();
        }
        return count;
    }

    private long aloneNanos(Kind kind) throws Exception {
        Path run = Files.createDirectory(temp.resolve("alone-" + kind)).resolve("run");
        Process process = start(run, kind);
        try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
            assertEquals("open", said.readLine());
            long from = System.nanoTime();
            List<String> rest = said.lines().toList();
            assertEquals(KilledService.DONE, process.waitFor(), () -> String.join("\n", rest));
            return System.nanoTime() - from;
        }
    }

    /** Returns whether the process was done before it could be killed. */
    private static boolean killed(
            Path run, Kind kind, AtomicLong alone, Random random, Count count, Set<String> acknowledged)
            throws Exception {
        boolean whole = !Files.exists(run);
        Process process = start(run, kind);
        try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
            String first = said.readLine();
            assertEquals("open", first);
            long from = System.nanoTime();
            long most = (long) (random.nextDouble() * SHARE * alone.get());
            boolean done = process.waitFor(most, TimeUnit.NANOSECONDS);
            // not the process's own method, which would close the stream with what it has said
            process.toHandle().destroyForcibly();
            assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS));
            List<String> rest = said.lines().toList();
            rest.stream()
                    .filter(line -> line.startsWith("acknowledged "))
                    .forEach(line -> acknowledged.add(line.substring("acknowledged ".length())));
            if (done || process.exitValue() == KilledService.DONE) {
                if (whole) { // the first measurement met a busier machine, and most kills would come too late
                    alone.accumulateAndGet(System.nanoTime() - from, Math::min);
                }
                assertEquals(KilledService.DONE, process.exitValue(), () -> String.join("\n", rest));
                return true;
            }
        } finally {
            process.destroyForcibly();
        }
        count.kills++;
        return false;
    }

    private static void finish(Path run, Kind kind, Set<String> acknowledged) throws Exception {
        Process process = start(run, kind);
        try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
            List<String> lines = said.lines().toList();
            assertEquals(KilledService.DONE, process.waitFor(), () -> String.join("\n", lines));
            lines.stream()
                    .filter(line -> line.startsWith("acknowledged "))
                    .forEach(line -> acknowledged.add(line.substring("acknowledged ".length())));
        }
    }

    /** Every acknowledged request is in the ledger, whatever else happened. */
    private static void requireKept(Path run, Set<String> acknowledged, Count count) throws IOException {
        if (!Files.exists(run.resolve(DeletionLedger.FILE))) {
            assertTrue(acknowledged.isEmpty());
            return;
        }
        List<LedgerEntry> entries = DeletionLedger.read(run).entries();
        count.met.add(entries.get(entries.size() - 1).type().name());
        Set<String> received = entries.stream()
                .filter(entry -> entry.type() == EntryType.RECEIVED)
                .flatMap(entry -> entry.subjects().stream())
                .collect(Collectors.toSet());
        assertTrue(received.containsAll(acknowledged));
    }

    private void requireFinished(Path run, Kind kind, Set<String> acknowledged) throws Exception {
        ForgettingModel model = SmallService.model(kind);
        List<LedgerEntry> entries = DeletionLedger.read(run).entries();
        Set<String> erased = entries.stream()
                .filter(entry -> entry.type() == EntryType.ERASED)
                .flatMap(entry -> entry.subjects().stream())
                .collect(Collectors.toSet());
        assertEquals(4, erased.size());
        String crowd = SubjectKey.of(SmallService.KEY).pseudonym(SmallService.CROWD);
        Set<String> answered = new HashSet<>(erased);
        answered.add(crowd);
        assertEquals(answered, acknowledged);
        assertEquals(
                EntryType.REFUSED,
                entries.stream()
                        .filter(entry -> entry.subjects().contains(crowd))
                        .reduce((earlier, later) -> later)
                        .orElseThrow()
                        .type());
        try (SealedVault vault = KilledService.vault(run, model)) {
            assertArrayEquals(reference(kind), vault.read(SmallService.STEPS), 0);
            try (UnlearningService service = SmallService.openWithCrowd(run, model, vault)) {
                assertTrue(service.finish(StepListener.NONE).isEmpty());
                for (int old = 0; old < service.latestRelease(); old++) {
                    assertFalse(Files.exists(service.release(old).resolve("theta.bin")), "release " + old);
                }
                for (int release = 1; release <= service.latestRelease(); release++) {
                    requireValid(run, service.release(release), release == service.latestRelease());
                }
            }
        }
    }

    private static void requireValid(Path run, Path release, boolean latest) {
        VerifierInputs inputs = VerifierInputs.none()
                .withLedger(run.resolve(DeletionLedger.FILE))
                .withKeyRing(run.resolveSibling(run.getFileName() + "-vault").resolve("keys.ring"));
        VerificationReport report = CertificateVerifier.verify(
                release.resolve("certificate.json"), latest ? inputs.withRelease(release) : inputs);
        assertTrue(report.isValid(), () -> String.join("\n", report.lines()));
    }

    /** The same requests but the one that cannot be met, answered in the same order by a service that nobody stops. */
    private double[] reference(Kind kind) throws Exception {
        Path run = Files.createTempDirectory(temp, "reference").resolve("run");
        ForgettingModel model = SmallService.model(kind);
        try (MemoryVault vault = new MemoryVault(SmallService.INPUTS);
                UnlearningService service = SmallService.openWithCrowd(run, model, vault)) {
            service.train(StepListener.NONE);
            for (List<String> names : KilledService.REQUESTS) {
                service.request(names.stream()
                        .filter(name -> !name.equals(SmallService.CROWD))
                        .toList());
                service.answer(SmallService.rewind(), StepListener.NONE);
            }
            return vault.read(SmallService.STEPS);
        }
    }
}
