/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.amend4j.deletion.DeletionLedger;
import org.amend4j.deletion.EntryType;
import org.amend4j.deletion.LedgerEntry;
import org.amend4j.deletion.SubjectKey;
import org.amend4j.internal.file.AtomicFile;
import org.amend4j.internal.file.Folders;
import org.amend4j.service.SmallService.Kind;
import org.amend4j.testkit.ChildJvm;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.transparency.MerkleTree;
import org.amend4j.unlearn.ConvergenceBound;
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
 * half-written is accepted, and the parameters end at the same bits; or within what a small gradient proves, since a convergence that is
 * killed at its end begins at the start.
 *
 * <p>A process has {@value #EACH} services of each kind, in folders of their own, and its death is a kill of every one that is not done:
 * they are in different places of their work, since each goes on from where it was killed, and most of what a process costs is
 * that it starts.
 */
class KillServiceTest {

    private static final Logger LOG = LogManager.getLogger(KillServiceTest.class);
    private static final int KILLS = Exhaustive.times(6, 200);

    /** Last entries of ledgers that kills must meet. */
    private static final int STATES = Exhaustive.times(2, 4);

    /** Processes after which no more are killed. */
    private static final int MOST_DEATHS = 200;

    private static final int EACH = 3;
    /** A kill comes, at first, within this share of the time a whole run takes, counted from when all are open. */
    private static final double SHARE = 0.4;

    /** What this is multiplied by when a service was done before the kill, and when none was. */
    private static final double SOONER = 0.8;

    private static final double LATER = 1.1;

    private static final int PATIENCE_SECONDS = 60;

    @TempDir
    private Path temp;

    @TempDir
    private Path tools;

    /** A service, in as many processes as it takes. */
    private record Service(Path run, Kind kind, Set<String> acknowledged) {}

    /** What the kills met. */
    private static final class Count {
        private int deaths;
        private int kills;
        private int completed;
        private int acknowledged;
        private final Map<EntryType, Integer> met = new EnumMap<>(EntryType.class);

        @Override
        public String toString() {
            return kills + " kills in " + deaths + " processes, " + completed + " runs completed, " + acknowledged
                    + " acknowledged requests, last entries met after a kill: " + met;
        }
    }

    /** A started process, and what it says. */
    private record Running(Process process, BufferedReader said, List<String> lines) {

        static Running of(ChildJvm child, List<Service> services) throws IOException {
            Process process = child.start(arguments(services));
            return new Running(process, process.inputReader(StandardCharsets.UTF_8), new ArrayList<>());
        }

        static String[] arguments(List<Service> services) {
            return services.stream()
                    .flatMap(service -> Stream.of(service.run.toString(), service.kind.name()))
                    .toArray(String[]::new);
        }

        /** Reads until all are open. */
        void untilOpen(int services) throws IOException {
            int open = 0;
            while (open < services) {
                String line = said.readLine();
                assertNotNull(line, () -> String.join("\n", lines));
                lines.add(line);
                open += line.endsWith(" open") ? 1 : 0;
            }
        }

        /** Reads what has been said, and goes on until somebody is acknowledged, or nobody will be. */
        void untilAcknowledged() throws IOException {
            while (said.ready()) {
                lines.add(said.readLine());
            }
            String line = said.readLine();
            while (line != null && !line.contains(" acknowledged ")) {
                lines.add(line);
                line = said.readLine();
            }
            if (line != null) {
                lines.add(line);
            }
        }

        /** Reads the rest: nothing but what a service says that has not failed. */
        void readAll() throws InterruptedException {
            lines.addAll(said.lines().toList());
            assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS));
            String all = String.join("\n", lines);
            assertTrue(lines.stream().allMatch(line -> line.matches(".* (open|acknowledged [0-9a-f]{64}|done)")), all);
        }

        /** Reads all that the process says, which ends well. */
        void readToEnd() throws InterruptedException {
            readAll();
            assertEquals(KilledService.DONE, process.exitValue(), () -> String.join("\n", lines));
        }

        boolean hasSaid(Service service, String what) {
            return lines.contains(service.run + " " + what);
        }

        Stream<String> acknowledged(Service service) {
            String begin = service.run + " acknowledged ";
            return lines.stream().filter(line -> line.startsWith(begin)).map(line -> line.substring(begin.length()));
        }
    }

    private ChildJvm rehearsed() throws Exception {
        ChildJvm child = new ChildJvm(
                tools,
                KilledService.class,
                List.of(
                        UnlearningService.class,
                        AtomicFile.class,
                        MerkleTree.class,
                        SmallService.class,
                        com.fasterxml.jackson.databind.ObjectMapper.class,
                        com.fasterxml.jackson.core.JsonFactory.class,
                        com.fasterxml.jackson.annotation.JsonProperty.class,
                        Erfc.class,
                        DD.class));
        child.rehearse(KilledService.DONE, Running.arguments(fresh()));
        return child;
    }

    private List<Service> fresh() throws IOException {
        List<Service> services = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            for (int i = 0; i < EACH; i++) {
                services.add(fresh(kind));
            }
        }
        return services;
    }

    private Service fresh(Kind kind) throws IOException {
        return new Service(Files.createTempDirectory(temp, kind.name()).resolve("run"), kind, new HashSet<>());
    }

    @Test
    void servicesKilledManyTimesLoseNothing() throws Exception {
        ChildJvm child = rehearsed();
        Map<Kind, double[]> references = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            references.put(kind, reference(kind));
        }
        Random random = new Random(3);
        Count count = new Count();
        List<Service> services = fresh();
        double most = SHARE * aloneNanos(child);
        // on a busy machine all services of a process can be met in one state
        while (count.kills < KILLS || (count.met.size() < STATES && count.deaths < MOST_DEATHS)) {
            Running running = Running.of(child, services);
            letRun(running, services, (long) (random.nextDouble() * most), random.nextInt(3) == 0);
            running.readAll();
            count.deaths++;
            boolean isLate = false;
            for (int i = 0; i < services.size(); i++) {
                Service service = services.get(i);
                if (isFinished(service, running, count)) {
                    requireFinished(service, references.get(service.kind), count);
                    services.set(i, fresh(service.kind));
                    isLate = true;
                }
            }
            // else, on a machine that is less busy than when it was measured, most kills would come too late
            most *= isLate ? SOONER : LATER;
        }
        LOG.info("{}", count);
        for (Service service : finished(child, services)) {
            requireFinished(service, references.get(service.kind), count);
        }
        assertTrue(count.met.size() >= STATES, "the kills met too few states: " + count);
    }

    private long aloneNanos(ChildJvm child) throws Exception {
        List<Service> services = fresh();
        Running running = Running.of(child, services);
        running.untilOpen(services.size());
        long from = System.nanoTime();
        running.readToEnd();
        return System.nanoTime() - from;
    }

    /** Kills after so many nanoseconds from when all are open, or at the first acknowledgement that follows. */
    private static void letRun(Running running, List<Service> services, long most, boolean acknowledged)
            throws Exception {
        try {
            running.untilOpen(services.size());
            if (!running.process.waitFor(most, TimeUnit.NANOSECONDS) && acknowledged) {
                running.untilAcknowledged();
            }
        } finally {
            // not the process's own method, which would close the stream with what it has said
            running.process.toHandle().destroyForcibly();
        }
    }

    /** Takes note of what a service has said. What was killed has lost nothing. */
    private static boolean isFinished(Service service, Running running, Count count) throws IOException {
        running.acknowledged(service).forEach(service.acknowledged::add);
        if (running.hasSaid(service, "done")) {
            return true;
        }
        requireKept(service, count);
        count.kills++;
        return false;
    }

    /** Lets services end. */
    private static List<Service> finished(ChildJvm child, List<Service> services) throws Exception {
        Running running = Running.of(child, services);
        running.readToEnd();
        for (Service service : services) {
            running.acknowledged(service).forEach(service.acknowledged::add);
        }
        return services;
    }

    /** Every acknowledged request is in the ledger, whatever else happened. */
    private static void requireKept(Service service, Count count) throws IOException {
        if (!Files.exists(service.run.resolve(DeletionLedger.FILE))) {
            assertTrue(service.acknowledged.isEmpty());
            return;
        }
        List<LedgerEntry> entries = DeletionLedger.read(service.run).entries();
        count.met.merge(entries.get(entries.size() - 1).type(), 1, Integer::sum);
        Set<String> received = entries.stream()
                .filter(entry -> entry.type() == EntryType.RECEIVED)
                .flatMap(entry -> entry.subjects().stream())
                .collect(Collectors.toSet());
        assertTrue(received.containsAll(service.acknowledged));
    }

    /** The service ended as one that nobody stops, and its folder is not needed any more. */
    private static void requireFinished(Service service, double[] reference, Count count) throws Exception {
        requireEnd(service.run, service.kind, service.acknowledged, reference);
        Folders.delete(service.run.getParent());
        count.completed++;
        count.acknowledged += service.acknowledged.size();
    }

    private static void requireEnd(Path run, Kind kind, Set<String> acknowledged, double[] reference) throws Exception {
        ForgettingModel model = SmallService.model(kind);
        List<LedgerEntry> entries = DeletionLedger.read(run).entries();
        Set<String> erased = entries.stream()
                .filter(entry -> entry.type() == EntryType.ERASED)
                .flatMap(entry -> entry.subjects().stream())
                .collect(Collectors.toSet());
        assertEquals(kind.refusesCrowds() ? 4 : 5, erased.size());
        String crowd = SubjectKey.of(SmallService.KEY).pseudonym(SmallService.CROWD);
        Set<String> answered = new HashSet<>(erased);
        answered.add(crowd);
        assertEquals(answered, acknowledged);
        assertEquals(
                kind.refusesCrowds() ? EntryType.REFUSED : EntryType.ERASED,
                entries.stream()
                        .filter(entry -> entry.subjects().contains(crowd))
                        .reduce((earlier, later) -> later)
                        .orElseThrow()
                        .type());
        try (SealedVault vault = KilledService.vault(run, model)) {
            double most = model.run().convergence().map(ConvergenceBound::delta).orElse(0.0);
            assertTrue(distance(reference, vault.read(kind.steps())) <= most, kind.name());
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

    private static double distance(double[] one, double[] other) {
        double sum = 0;
        for (int i = 0; i < one.length; i++) {
            sum += (one[i] - other[i]) * (one[i] - other[i]);
        }
        return Math.sqrt(sum);
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
                        .filter(name -> !(kind.refusesCrowds() && name.equals(SmallService.CROWD)))
                        .toList());
                service.answer(SmallService.rewind(), StepListener.NONE);
            }
            return vault.read(kind.steps());
        }
    }
}
