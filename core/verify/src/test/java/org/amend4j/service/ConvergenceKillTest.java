/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.amend4j.certificate.Certificate;
import org.amend4j.certificate.CertificateFile;
import org.amend4j.internal.file.Folders;
import org.amend4j.unlearn.ConvergenceBound;
import org.amend4j.unlearn.MemoryVault;
import org.amend4j.unlearn.RewindToDelete;
import org.amend4j.unlearn.StepListener;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A deletion by convergence that is stopped like a killed process, after each of the things that it does. */
class ConvergenceKillTest {

    private static final String RUN = "run";
    private static final String NAME = "37";

    @TempDir
    private Path temp;

    private Converging services;

    @BeforeEach
    void anIssuer() throws IOException {
        services = new Converging(temp);
    }

    /** The folder and the checkpoints of a model that was trained. */
    private Path trained(ForgettingModel model, MemoryVault vault) throws Exception {
        Path folder = Files.createDirectory(temp.resolve("trained"));
        try (UnlearningService service = services.open(folder, model, vault)) {
            service.train(StepListener.NONE);
        }
        return folder;
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : all.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    /**
     * Whatever was the last thing that it did: it goes on, and ends with a certificate that is true, without the old parameters. Where a
     * kill came after they were destroyed, it goes on from the start, which ends within the bound all the same.
     */
    @ParameterizedTest(name = "trained until the gradient is small: {0}")
    @ValueSource(booleans = {false, true})
    void aDeletionThatIsKilledAnywhereIsFinishedWithinItsBound(boolean untilGradient) throws Exception {
        ForgettingModel model = SmallService.converging(untilGradient);
        double[] reference = Converging.retrained(model, NAME);
        try (MemoryVault before = new MemoryVault(SmallService.INPUTS)) {
            Path whole = trained(model, before);
            Set<String> met = new TreeSet<>();
            int kills = 0;
            boolean killed = true;
            for (int things = 0; killed; things++) {
                Path folder = temp.resolve("killed");
                copy(whole, folder);
                try (MemoryVault vault = new MemoryVault(SmallService.INPUTS)) {
                    for (int step : before.steps()) {
                        vault.keep(step, before.read(step));
                    }
                    killed = isKilled(folder, model, vault, new Countdown(things));
                    kills += killed ? 1 : 0;
                    requireEnd(folder, model, vault, reference, met);
                }
                Folders.delete(folder);
            }
            // eight entries, a step, and before and after two changes of the vault and one release
            assertTrue(kills >= 15, kills + " kills");
            assertEquals(Set.of("DECIDED", "DONE", "REWOUND", "none"), met);
        }
    }

    private boolean isKilled(Path folder, ForgettingModel model, MemoryVault vault, Countdown countdown)
            throws Exception {
        try (UnlearningService service =
                services.open(folder, model, countdown.of(vault), countdown.writer(), countdown.clock())) {
            service.request(List.of(NAME));
            service.answer(SmallService.converge(), countdown.progress());
            return false;
        } catch (IOException | Countdown.Killed killed) {
            if (!countdown.hasStopped()) {
                throw killed;
            }
            return true;
        }
    }

    private void requireEnd(Path folder, ForgettingModel model, MemoryVault vault, double[] reference, Set<String> met)
            throws Exception {
        int end = model.run().recipe().steps();
        double[] old = SmallService.read(folder.resolveSibling("trained").resolve(RUN + "/releases/0"));
        ServiceState state = ServiceState.read(folder.resolve(RUN), SmallService.SEAL);
        met.add(state.deletions().isEmpty() ? "none" : state.last().stage().name());
        try (UnlearningService service = services.open(folder, model, vault)) {
            service.finish(StepListener.NONE);
            if (!service.wasForgotten(NAME)) {
                service.request(List.of(NAME));
                service.answer(SmallService.converge(), StepListener.NONE);
            }
            assertEquals(1, service.latestRelease());
            assertFalse(service.hasUnfinished());
            Certificate certificate = CertificateFile.read(service.release(1).resolve(CertificateFile.NAME));
            assertEquals(Certificate.CONVERGED, certificate.version());
            double[] exact = vault.read(end);
            assertTrue(Converging.distance(exact, reference)
                    <= certificate.grounds().bound().delta());
            double noise = Converging.distance(exact, SmallService.read(service.release(1)));
            assertTrue(
                    noise > 0 && noise < 12 * certificate.protection().noise().sigma());
            assertEquals(Set.of(0, end), vault.steps());
            assertEquals(Set.of(), Converging.filesWith(folder, old));
            services.requireValid(folder, service);
        }
    }

    /** The noise is for the distance that was decided, and the checkpoint may have been kept at its gradient. */
    @Test
    void aDeletionThatWasDecidedForOneBoundIsNotFinishedUnderAnother() throws Exception {
        ForgettingModel model = SmallService.converging(false);
        ConvergenceBound bound = model.run().convergence().orElseThrow();
        try (MemoryVault vault = new MemoryVault(SmallService.INPUTS)) {
            Path folder = trained(model, vault);
            // after the new parameters were kept
            assertTrue(isKilled(folder, model, vault, new Countdown(12)));
            assertEquals(
                    ServiceState.Stage.REWOUND,
                    ServiceState.read(folder.resolve(RUN), SmallService.SEAL)
                            .last()
                            .stage());
            List<Optional<ConvergenceBound>> others = List.of(
                    Optional.empty(),
                    Optional.of(bound.withGradientNorm(bound.gradientNorm() / 2)),
                    Optional.of(bound.withGradientNorm(bound.gradientNorm() * 2)));
            for (Optional<ConvergenceBound> other : others) {
                try (UnlearningService service = services.open(folder, with(model, other), vault)) {
                    refused(
                            IOException.class,
                            "open it with the bound that it had",
                            () -> service.finish(StepListener.NONE));
                    assertFalse(Files.exists(service.release(1)));
                }
            }
            try (UnlearningService service = services.open(folder, model, vault)) {
                service.finish(StepListener.NONE);
                services.requireValid(folder, service);
            }
        }
    }

    private static ForgettingModel with(ForgettingModel model, Optional<ConvergenceBound> bound) {
        return new ForgettingModel(
                new RewindToDelete(model.run().objective(), model.run().recipe(), bound),
                model.records(),
                model.start(),
                model.guarantee(),
                model.policy(),
                model.hashes(),
                model.derived(),
                model.assumptions());
    }
}
