/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.amend4j.certificate.Certificate;
import org.amend4j.certificate.CertificateFile;
import org.amend4j.deletion.DeletionLedger;
import org.amend4j.unlearn.MemoryVault;
import org.amend4j.unlearn.SealedVault;
import org.amend4j.unlearn.StepListener;
import org.amend4j.unlearn.UnlearningMethod;
import org.amend4j.unlearn.UnlearningPlan;
import org.amend4j.verify.CertificateVerifier;
import org.amend4j.verify.VerificationReport;
import org.amend4j.verify.VerifierInputs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole deletions by convergence on a small model, trained by steps or until its gradient is small. */
class ConvergenceServiceTest {

    private static final String RUN = "run";
    private static final String NAME = "37";

    @TempDir
    private Path temp;

    private Converging services;

    @BeforeEach
    void anIssuer() throws IOException {
        services = new Converging(temp);
    }

    private static Certificate forget(
            UnlearningService service, String name, Function<UnlearningPlan, Optional<UnlearningMethod>> choice)
            throws Exception {
        service.request(List.of(name));
        return assertInstanceOf(RequestOutcome.Released.class, service.answer(choice, StepListener.NONE))
                .certificate();
    }

    @ParameterizedTest(name = "trained until the gradient is small: {0}")
    @ValueSource(booleans = {false, true})
    void aDeletionByConvergenceIsWithinItsCertificate(boolean untilGradient) throws Exception {
        ForgettingModel model = SmallService.converging(untilGradient);
        int end = model.run().recipe().steps();
        try (MemoryVault vault = new MemoryVault(SmallService.INPUTS);
                UnlearningService service = services.open(temp, model, vault)) {
            service.train(StepListener.NONE);
            Certificate certificate = forget(service, NAME, SmallService.converge());
            assertEquals(Certificate.CONVERGED, certificate.version());
            assertEquals(Certificate.Verdict.CERTIFIED, certificate.claim().verdict());
            assertEquals("PROVED", certificate.claim().level());
            assertEquals(
                    "1 subject with 4 records forgotten by convergence: certified",
                    certificate.claim().title());
            double[] exact = vault.read(end);
            double delta = certificate.grounds().bound().delta();
            assertTrue(Converging.distance(exact, Converging.retrained(model, NAME)) <= delta);
            // who is not forgotten makes a larger difference: the bound says something
            assertTrue(Converging.distance(exact, Converging.retrained(model)) > delta);
            // sqrt(5) standard deviations on average; 12 of them have a probability below 1e-25
            double noise = Converging.distance(exact, SmallService.read(service.release(1)));
            assertTrue(
                    noise > 0 && noise < 12 * certificate.protection().noise().sigma());
            assertEquals(Set.of(0, end), vault.steps());
            assertEquals(List.of(0, end), certificate.retention().keptCheckpoints());
            assertEquals(List.of(end), certificate.retention().keptContaminated());
            services.requireValid(temp, service);
        }
    }

    /** The next by convergence, by retraining, and by convergence again; all of one chain. */
    @ParameterizedTest(name = "trained until the gradient is small: {0}")
    @ValueSource(booleans = {false, true})
    void deletionsInARowAreAChainThatVerifies(boolean untilGradient) throws Exception {
        ForgettingModel model = SmallService.converging(untilGradient);
        int end = model.run().recipe().steps();
        try (MemoryVault vault = new MemoryVault(SmallService.INPUTS);
                UnlearningService service = services.open(temp, model, vault)) {
            service.train(StepListener.NONE);
            double mu = forget(service, "1", SmallService.converge())
                    .protection()
                    .privacy()
                    .mu();
            Certificate second = forget(service, "2", SmallService.converge());
            // each of them is new noise on another distance: what they tell adds up
            double both = second.protection().privacy().composedMu();
            assertEquals(Math.sqrt(2) * mu, both, 1e-9 * both);
            // no checkpoint is left of a trajectory that steps made
            assertTrue(service.plan(List.of("3")).methods().stream()
                    .allMatch(method -> method.rewindsTo().orElse(0) == 0));
            Certificate third = forget(service, "3", SmallService.retrain());
            assertEquals(Certificate.Verdict.EXACT, third.claim().verdict());
            assertEquals(untilGradient ? Certificate.CONVERGED : Certificate.VERSION, third.version());
            double[] exact = model.run().run(model.start(), end, SmallService.records("1", "2", "3"));
            assertEquals(0, Converging.distance(exact, SmallService.read(service.release(3))));
            Certificate fourth = forget(service, "4", SmallService.converge());
            assertEquals(
                    List.of(end, end, 0),
                    fourth.grounds().algorithm().earlier().stream()
                            .map(Certificate.Rewind::checkpoint)
                            .toList());
            assertTrue(Converging.distance(vault.read(end), Converging.retrained(model, "1", "2", "3", "4"))
                    <= fourth.grounds().bound().delta());
            services.requireValid(temp, service);
        }
    }

    /** A rewind is only to what retraining made: what convergence ended with is no step of a trajectory. */
    @Test
    void afterARetrainingByStepsRewindsAreOpenAgain() throws Exception {
        ForgettingModel model = SmallService.converging(false);
        try (MemoryVault vault = new MemoryVault(SmallService.INPUTS);
                UnlearningService service = services.open(temp, model, vault)) {
            service.train(StepListener.NONE);
            forget(service, "1", SmallService.converge());
            forget(service, "2", SmallService.retrain());
            Certificate rewound = forget(
                    service,
                    "3",
                    plan -> plan.methods().stream()
                            .filter(UnlearningMethod.NoisyRewind.class::isInstance)
                            .findFirst());
            assertEquals(Certificate.VERSION, rewound.version());
            double[] exact = model.run().run(model.start(), SmallService.STEPS, SmallService.records("1", "2", "3"));
            double far = Converging.distance(exact, vault.read(SmallService.STEPS));
            assertTrue(far > 0 && far <= rewound.grounds().bound().delta());
            services.requireValid(temp, service);
        }
    }

    /** On the disk, sealed: neither the old parameters nor the new ones before their noise, and no key of an old checkpoint. */
    @ParameterizedTest(name = "trained until the gradient is small: {0}")
    @ValueSource(booleans = {false, true})
    void theOldParametersAreNowhereInTheFolderAfterwards(boolean untilGradient) throws Exception {
        ForgettingModel model = SmallService.converging(untilGradient);
        int end = model.run().recipe().steps();
        Path run = temp.resolve(RUN);
        try (SealedVault vault = KilledService.vault(run, model);
                UnlearningService service = services.open(temp, model, vault)) {
            service.train(StepListener.NONE);
            double[] old = vault.read(end);
            assertEquals(Set.of("theta.bin"), Converging.filesWith(temp, old), "a model without noise is there before");
            Certificate certificate = forget(service, NAME, SmallService.converge());
            assertEquals(Set.of(), Converging.filesWith(temp, old));
            assertEquals(Set.of(), Converging.filesWith(temp, vault.read(end)));
            assertFalse(certificate.retention().destroyedKeys().isEmpty());
            VerificationReport report = CertificateVerifier.verify(
                    service.release(1).resolve(CertificateFile.NAME),
                    VerifierInputs.none()
                            .withLedger(run.resolve(DeletionLedger.FILE))
                            .withKeyRing(temp.resolve(RUN + "-vault/keys.ring")));
            assertTrue(report.isValid(), () -> String.join("\n", report.lines()));
        }
    }

    /** A checkpoint that was destroyed, put back under its key, is refused: it saw who is forgotten. */
    @Test
    void anOldVaultThatIsPutBackIsRefused() throws Exception {
        ForgettingModel model = SmallService.converging(true);
        try (MemoryVault vault = new MemoryVault(SmallService.INPUTS);
                MemoryVault older = new MemoryVault(SmallService.INPUTS)) {
            try (UnlearningService service = services.open(temp, model, vault)) {
                service.train(StepListener.NONE);
                for (int step : vault.steps()) {
                    older.keep(step, vault.read(step));
                }
                assertEquals(vault.keyId(1), older.keyId(1));
                forget(service, NAME, SmallService.converge());
            }
            refused(
                    IOException.class,
                    "that deletion 1 destroyed: put back the newest vault",
                    () -> services.open(temp, model, older));
            services.open(temp, model, vault).close();
        }
    }

    @Test
    void whereNothingIsProvedByASmallGradientNoneIsPlanned() throws Exception {
        ForgettingModel model = SmallService.model(SmallService.Kind.FULL_BATCH);
        try (MemoryVault vault = new MemoryVault(SmallService.INPUTS);
                UnlearningService service = services.open(temp, model, vault)) {
            service.train(StepListener.NONE);
            assertTrue(
                    SmallService.converge().apply(service.plan(List.of(NAME))).isEmpty());
        }
    }
}
