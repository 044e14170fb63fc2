/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.amend4j.certificate.Certificate;
import org.amend4j.certificate.Digests;
import org.amend4j.certificate.ReleasedFile;
import org.amend4j.deletion.DeletionLedger;
import org.amend4j.deletion.EntryType;
import org.amend4j.deletion.LedgerEntry;
import org.amend4j.deletion.SubjectKey;
import org.amend4j.html.Html;
import org.amend4j.objective.RecordIds;
import org.amend4j.privacy.GaussianPrivacy;
import org.amend4j.privacy.PrivacyBudget;
import org.amend4j.service.SmallService.Kind;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.InFloat;
import org.amend4j.unlearn.MemoryVault;
import org.amend4j.unlearn.Recipe;
import org.amend4j.unlearn.ReleasePolicy;
import org.amend4j.unlearn.RewindToDelete;
import org.amend4j.unlearn.StepListener;
import org.amend4j.unlearn.UnlearningMethod;
import org.amend4j.verify.CertificateVerifier;
import org.amend4j.verify.VerificationReport;
import org.amend4j.verify.VerifierInputs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole deletions on a small model. */
class UnlearningServiceTest {

    @TempDir
    Path temp;

    private final MemoryVault vault = new MemoryVault(SmallService.INPUTS);

    private UnlearningService trained(ForgettingModel model) throws Exception {
        UnlearningService service = SmallService.open(temp.resolve("run"), model, SmallService::write, vault);
        service.train(StepListener.NONE);
        return service;
    }

    private static double[] retrained(ForgettingModel model, RecordIds gone) {
        return model.run().run(model.start(), SmallService.STEPS, gone);
    }

    @Test
    void anSubjectOfOneEpochIsForgottenExactly() throws Exception {
        ForgettingModel model = SmallService.model(Kind.ONE_EPOCH);
        try (UnlearningService service = trained(model)) {
            double[] before = SmallService.read(service.release(0));
            service.request(List.of("17"));
            assertEquals(List.of("17"), service.pending());
            RequestOutcome.Released released = assertInstanceOf(
                    RequestOutcome.Released.class, service.answer(SmallService.exact(), StepListener.NONE));
            double[] after = SmallService.read(released.folder());
            assertFalse(Arrays.equals(before, after));
            assertArrayEquals(retrained(model, SmallService.records("17")), after, 0);
            Certificate certificate = released.certificate();
            assertEquals(Certificate.Verdict.EXACT, certificate.claim().verdict());
            assertEquals(0, certificate.grounds().bound().delta());
            assertEquals(0, certificate.protection().noise().units());
            assertEquals(List.of(), certificate.retention().keptContaminated());
            assertFalse(certificate.retention().destroyedKeys().isEmpty());
            assertEquals(
                    Digests.of(Digests.filesOf(released.folder())),
                    certificate.references().hashes().model());
            assertEquals(List.of(), service.pending());
        }
    }

    @Test
    void aFullBatchModelForgetsWithinItsCertificate() throws Exception {
        ForgettingModel model = SmallService.model(Kind.FULL_BATCH);
        try (UnlearningService service = trained(model)) {
            service.request(List.of("3", "4"));
            RequestOutcome.Released released = assertInstanceOf(
                    RequestOutcome.Released.class, service.answer(SmallService.cheapest(), StepListener.NONE));
            Certificate certificate = released.certificate();
            assertEquals(Certificate.Verdict.CERTIFIED, certificate.claim().verdict());
            assertEquals("PROVED", certificate.claim().level());
            double[] exact = vault.read(SmallService.STEPS);
            double distance = distance(exact, retrained(model, SmallService.records("3", "4")));
            assertTrue(distance > 0 && distance <= certificate.grounds().bound().delta());
            assertTrue(certificate.protection().privacy().deltaAtBudget() <= 1e-5);
            // sqrt(5) standard deviations on average; 12 of them have a probability below 1e-25
            double noise = distance(exact, SmallService.read(released.folder()));
            assertTrue(
                    noise > 0 && noise < 12 * certificate.protection().noise().sigma());
            int checkpoint = certificate.grounds().algorithm().checkpoint();
            assertTrue(checkpoint > 0 && checkpoint % 3 == 0);
            assertEquals(
                    SmallService.STEPS,
                    certificate.grounds().bound().steps().stream()
                            .mapToInt(Certificate.Steps::count)
                            .sum());
            assertEquals(8, certificate.grounds().bound().steps().get(0).deleted());
            assertTrue(certificate.retention().keptContaminated().contains(checkpoint));
        }
    }

    private static double distance(double[] a, double[] b) {
        double squares = 0;
        for (int i = 0; i < a.length; i++) {
            squares += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return Math.sqrt(squares);
    }

    /** An open service remembers what its trajectory used; a new one goes through all deletions again. */
    @Test
    void aServiceThatWasClosedBetweenDeletionsCertifiesTheSameBounds() throws Exception {
        ForgettingModel model = SmallService.model(Kind.FULL_BATCH);
        String[] subjects = {"1", "22", "50", "71"};
        MemoryVault other = new MemoryVault(SmallService.INPUTS);
        Path reopened = temp.resolve("reopened");
        try (UnlearningService open = trained(model)) {
            for (String subject : subjects) {
                open.request(List.of(subject));
                Certificate expected = certificate(open);
                try (UnlearningService anew = SmallService.open(reopened, model, SmallService::write, other)) {
                    anew.train(StepListener.NONE);
                    anew.request(List.of(subject));
                    Certificate found = certificate(anew);
                    assertEquals(expected.grounds().bound(), found.grounds().bound());
                    assertEquals(expected.grounds().algorithm(), found.grounds().algorithm());
                }
            }
            assertTrue(open.plan(List.of("8")).candidates().size() > 1);
            assertArrayEquals(vault.read(SmallService.STEPS), other.read(SmallService.STEPS), 0);
        }
    }

    private static Certificate certificate(UnlearningService service) throws IOException, InterruptedException {
        return assertInstanceOf(
                        RequestOutcome.Released.class, service.answer(SmallService.cheapest(), StepListener.NONE))
                .certificate();
    }

    @Test
    void whatAKilledWriterOfTheCertificateLeftIsNoPartOfTheRelease() throws Exception {
        ForgettingModel model = SmallService.model(Kind.FULL_BATCH);
        ReleaseWriter untidy = (theta, folder) -> {
            SmallService.write(theta, folder);
            Files.writeString(folder.resolve(".certificate.json.half.tmp"), "{");
        };
        Path run = temp.resolve("untidy");
        try (MemoryVault own = new MemoryVault(SmallService.INPUTS);
                UnlearningService service = SmallService.open(run, model, untidy, own)) {
            service.train(StepListener.NONE);
            service.request(List.of("5"));
            RequestOutcome.Released released = assertInstanceOf(
                    RequestOutcome.Released.class, service.answer(SmallService.cheapest(), StepListener.NONE));
            assertEquals(
                    List.of("theta.bin"),
                    released.certificate().references().release().files().stream()
                            .map(ReleasedFile::name)
                            .toList());
            assertTrue(CertificateVerifier.verify(
                            released.folder().resolve("certificate.json"),
                            VerifierInputs.none().withRelease(released.folder()))
                    .isValid());
        }
    }

    @Test
    void sequentialDeletionsStayWithinTheirBoundsAndTheLedgerTellsAll() throws Exception {
        ForgettingModel model = SmallService.model(Kind.FULL_BATCH);
        Path run = temp.resolve("run");
        String[] subjects = {"1", "22", "50", "71"};
        String previous = "0".repeat(64);
        double mu = 0;
        try (UnlearningService service = trained(model)) {
            for (int i = 0; i < subjects.length; i++) {
                service.request(List.of(subjects[i]));
                RequestOutcome.Released released = assertInstanceOf(
                        RequestOutcome.Released.class, service.answer(SmallService.cheapest(), StepListener.NONE));
                Certificate certificate = released.certificate();
                RecordIds gone = SmallService.records(Arrays.copyOf(subjects, i + 1));
                assertEquals(gone.size(), certificate.deletion().recordsEver());
                assertTrue(distance(vault.read(SmallService.STEPS), retrained(model, gone))
                        <= certificate.grounds().bound().delta());
                assertEquals(previous, certificate.references().hashes().previous());
                previous = Digests.of(Files.readAllBytes(released.folder().resolve("certificate.json")));
                mu = Math.hypot(mu, certificate.protection().privacy().mu());
                assertEquals(mu, certificate.protection().privacy().composedMu(), 1e-12);
                assertFalse(Files.exists(service.release(i).resolve("theta.bin")));
            }
            assertEquals(subjects.length, service.latestRelease());
        }
        List<LedgerEntry> entries = DeletionLedger.read(run).entries();
        for (EntryType type : EntryType.values()) {
            int expected = switch (type) {
                case OPENED -> 1;
                case CUT, REFUSED -> 0;
                default -> subjects.length;
            };
            assertEquals(
                    expected,
                    entries.stream().filter(entry -> entry.type() == type).count(),
                    type.name());
        }
    }

    @Test
    void everyCertificateIsFoundTrueByCodeThatDidNotMakeIt() throws Exception {
        for (Kind kind : Kind.values()) {
            ForgettingModel model = SmallService.model(kind);
            Path run = temp.resolve("verified-" + kind);
            MemoryVault own = new MemoryVault(SmallService.INPUTS);
            try (UnlearningService service = SmallService.open(run, model, SmallService::write, own)) {
                service.train(StepListener.NONE);
                List<Path> certificates = new ArrayList<>();
                for (String subject : List.of("3", "44", "90")) {
                    service.request(List.of(subject));
                    RequestOutcome.Released released = assertInstanceOf(
                            RequestOutcome.Released.class, service.answer(SmallService.cheapest(), StepListener.NONE));
                    certificates.add(released.folder().resolve("certificate.json"));
                    Path opening = run.resolveSibling("opening");
                    service.opening(released.number()).write(opening);
                    VerifierInputs inputs = VerifierInputs.none()
                            .withCertificates(certificates)
                            .withOpening(opening)
                            .withRelease(released.folder())
                            .withLedger(run.resolve(DeletionLedger.FILE));
                    VerificationReport report =
                            CertificateVerifier.verify(released.folder().resolve("certificate.json"), inputs);
                    assertTrue(report.isValid(), () -> String.join("\n", report.lines()));
                }
            }
        }
    }

    @Test
    void whatIsRefusedChangesNothing() throws Exception {
        ForgettingModel model = SmallService.model(
                Kind.FULL_BATCH, ReleasePolicy.of(new PrivacyBudget(1, 1e-5)).withLargestSigma(1e-12));
        try (UnlearningService service = trained(model)) {
            double[] before = vault.read(SmallService.STEPS);
            refused(IllegalArgumentException.class, "nobody", () -> service.request(List.of("nobody")));
            List<String> everybody = List.copyOf(SmallService.subjects().names());
            refused(IllegalArgumentException.class, "retained", () -> service.request(everybody));
            assertEquals(List.of(), service.pending());
            assertInstanceOf(
                    RequestOutcome.NothingPending.class, service.answer(SmallService.cheapest(), StepListener.NONE));
            service.request(List.of("5", "5"));
            refused(
                    IllegalArgumentException.class,
                    "retained",
                    () -> service.request(
                            everybody.stream().filter(name -> !name.equals("5")).toList()));
            assertEquals(List.of("5"), service.pending());
            service.request(List.of("5"));
            RequestOutcome.Refused refusal = assertInstanceOf(
                    RequestOutcome.Refused.class,
                    service.answer(
                            plan -> plan.isRefused() ? Optional.empty() : Optional.of(plan.cheapest()),
                            StepListener.NONE));
            assertTrue(refusal.plan().isRefused());
            assertFalse(refusal.plan().advice().isEmpty());
            String why = Html.escaped(refusal.plan().obstacle());
            assertEquals(
                    2,
                    refusal.toHtml().split(Pattern.quote(why), -1).length,
                    "the reason is said once: " + refusal.toHtml());
            assertArrayEquals(before, vault.read(SmallService.STEPS), 0);
            assertEquals(0, service.latestRelease());
            // who was refused can ask again, and retraining is always there
            service.request(List.of("5"));
            RequestOutcome.Released released = assertInstanceOf(
                    RequestOutcome.Released.class, service.answer(SmallService.cheapest(), StepListener.NONE));
            assertEquals(
                    "retraining", released.certificate().grounds().algorithm().name());
            assertEquals(
                    Certificate.Verdict.EXACT, released.certificate().claim().verdict());
            service.request(List.of("5"));
            assertEquals(List.of(), service.pending());
        }
    }

    /** The others' parameters and certificate after requests of which one cannot be met, and after the same without that one. */
    @Test
    void aRequestThatCannotBeMetChangesNothingForTheOthers() throws Exception {
        for (Kind kind : List.of(Kind.ONE_EPOCH, Kind.FULL_BATCH)) {
            ForgettingModel model = SmallService.model(kind);
            List<String> others = List.of("5", "44", "80");
            try (MemoryVault alone = new MemoryVault(SmallService.INPUTS);
                    UnlearningService without =
                            SmallService.openWithCrowd(temp.resolve("without-" + kind), model, alone)) {
                without.train(StepListener.NONE);
                without.request(others);
                Certificate expected = released(without, List.of()).certificate();
                for (int place = 0; place <= others.size(); place += Exhaustive.times(3, 1)) {
                    List<String> names = new ArrayList<>(others);
                    names.add(place, SmallService.CROWD);
                    Path run = temp.resolve("with-" + kind + place);
                    try (MemoryVault own = new MemoryVault(SmallService.INPUTS);
                            UnlearningService service = SmallService.openWithCrowd(run, model, own)) {
                        service.train(StepListener.NONE);
                        // the twin: all or nothing would be nothing, for everybody
                        assertTrue(service.plan(names).isRefused());
                        assertEquals(
                                List.of(SmallService.CROWD),
                                service.prepare(names, SmallService.rewind()).refusals().stream()
                                        .map(Refusal::name)
                                        .toList());
                        names.forEach(name -> request(service, name));
                        RequestOutcome.Released released = released(service, List.of(SmallService.CROWD));
                        assertArrayEquals(alone.read(SmallService.STEPS), own.read(SmallService.STEPS), 0);
                        assertEquals(
                                expected.grounds().bound(),
                                released.certificate().grounds().bound());
                        assertEquals(
                                expected.grounds().algorithm(),
                                released.certificate().grounds().algorithm());
                        assertEquals(expected.deletion(), released.certificate().deletion());
                        assertEquals(List.of(), service.pending());
                        Refusal refusal = released.refused().get(0);
                        LedgerEntry asked = DeletionLedger.read(run).entries().get((int) refusal.ticket());
                        assertEquals(EntryType.RECEIVED, asked.type());
                        assertEquals(
                                List.of(SubjectKey.of(SmallService.KEY).pseudonym(SmallService.CROWD)),
                                asked.subjects());
                        assertTrue(refusal.alone());
                        assertEquals(Map.of("reason", refusal.reason()), refusalIn(run, asked.subjects()));
                        // and may ask again
                        service.request(List.of(SmallService.CROWD));
                        assertEquals(
                                1,
                                assertInstanceOf(
                                                RequestOutcome.Refused.class,
                                                service.answer(SmallService.rewind(), StepListener.NONE))
                                        .refused()
                                        .size());
                        service.request(List.of(SmallService.CROWD));
                        Certificate retrained = assertInstanceOf(
                                        RequestOutcome.Released.class,
                                        service.answer(SmallService.cheapest(), StepListener.NONE))
                                .certificate();
                        assertEquals(
                                "retraining", retrained.grounds().algorithm().name());
                    }
                }
            }
        }
    }

    private static void request(UnlearningService service, String name) {
        try {
            service.request(List.of(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static RequestOutcome.Released released(UnlearningService service, List<String> refused) throws Exception {
        RequestOutcome.Released released = assertInstanceOf(
                RequestOutcome.Released.class, service.answer(SmallService.rewind(), StepListener.NONE));
        assertEquals(refused, released.refused().stream().map(Refusal::name).toList());
        return released;
    }

    private static Map<String, String> refusalIn(Path run, List<String> subjects) throws IOException {
        return DeletionLedger.read(run).entries().stream()
                .filter(entry ->
                        entry.type() == EntryType.REFUSED && entry.subjects().equals(subjects))
                .findFirst()
                .orElseThrow()
                .facts();
    }

    /** ε of two releases together is 1.47: the second of the three with noise must not be made. */
    @Test
    void releasesTogetherNeverPassTheLifetimeBudget() throws Exception {
        ReleasePolicy policy = ReleasePolicy.of(new PrivacyBudget(1, 1e-5)).withLargestSigma(0.02);
        ForgettingModel model = SmallService.model(Kind.FULL_BATCH, policy.withLifetime(1.4));
        double mu = 0;
        try (UnlearningService service = trained(model)) {
            assertEquals(0, service.lifetime().orElseThrow().usedEpsilon());
            service.request(List.of("1"));
            mu = released(service, List.of())
                    .certificate()
                    .protection()
                    .privacy()
                    .composedMu();
            assertTrue(mu > 0);
            assertEquals(mu, service.lifetime().orElseThrow().used().mu());
            service.request(List.of("22"));
            RequestOutcome.Refused refused = assertInstanceOf(
                    RequestOutcome.Refused.class, service.answer(SmallService.rewind(), StepListener.NONE));
            String reason = refused.refused().get(0).reason();
            assertTrue(reason.contains("may have epsilon 1.40, those so far have 1.00, it would have 1.00"), reason);
            // exactly there is always a way, and afterwards the first person is in nothing that is released
            service.request(List.of("22"));
            Certificate exact = assertInstanceOf(
                            RequestOutcome.Released.class, service.answer(SmallService.cheapest(), StepListener.NONE))
                    .certificate();
            assertEquals(Certificate.Verdict.EXACT, exact.claim().verdict());
            assertEquals(mu, exact.protection().privacy().composedMu());
            assertEquals(mu, service.toldOf("1").mu());
            assertEquals(0, service.toldOf("22").mu());
            assertEquals(mu, service.toldMost().mu());
            service.request(List.of("50"));
            assertInstanceOf(RequestOutcome.Refused.class, service.answer(SmallService.rewind(), StepListener.NONE));
        }
        refused(
                IOException.class,
                "lifetime epsilon 1.4",
                () -> SmallService.open(
                        temp.resolve("run"),
                        SmallService.model(Kind.FULL_BATCH, policy.withLifetime(2)),
                        SmallService::write,
                        vault));
        // the twin: without a limit the second is made, and together they are above
        MemoryVault other = new MemoryVault(SmallService.INPUTS);
        try (UnlearningService unlimited = SmallService.open(
                temp.resolve("unlimited"), SmallService.model(Kind.FULL_BATCH, policy), SmallService::write, other)) {
            unlimited.train(StepListener.NONE);
            for (String subject : List.of("1", "22")) {
                unlimited.request(List.of(subject));
                mu = released(unlimited, List.of())
                        .certificate()
                        .protection()
                        .privacy()
                        .composedMu();
            }
            assertTrue(new GaussianPrivacy(mu).epsilon(1e-5) > 1.4);
            assertTrue(unlimited.lifetime().isEmpty());
        }
    }

    /** Each of them could be met, but not all: the first come are the first served, whatever they are called. */
    @Test
    void whereNotAllCanBeMetTheFirstAre() throws Exception {
        ForgettingModel model = SmallService.model(
                Kind.FULL_BATCH, ReleasePolicy.of(new PrivacyBudget(1, 1e-5)).withLargestSigma(0.0075));
        try (UnlearningService service = trained(model)) {
            List<String> names = List.of("9", "71", "2", "33", "1", "60", "15", "7");
            int few = 0;
            while (!service.plan(names.subList(0, few + 1)).isRefused()) {
                few++;
            }
            assertTrue(few > 0 && few < names.size(), few + " can be met");
            names.forEach(name -> request(service, name));
            RequestOutcome.Released released = released(service, names.subList(few, names.size()));
            assertFalse(released.refused().get(0).alone());
            assertTrue(
                    released.refused().get(0).reason().startsWith("together with " + few + " requests before it"),
                    released.refused().toString());
            assertEquals(few, released.certificate().deletion().subjects().size());
        }
    }

    @Test
    void aDeletionWhoseReleaseFailedIsFinishedLater() throws Exception {
        for (Kind kind : Kind.values()) {
            ForgettingModel model = SmallService.model(kind);
            Path run = temp.resolve("failing-" + kind);
            MemoryVault own = new MemoryVault(SmallService.INPUTS);
            ReleaseWriter failing = (theta, folder) -> {
                if (Files.exists(run.resolve("releases/0"))) {
                    Files.writeString(folder.resolve("half"), "half");
                    throw new IOException("no space");
                }
                SmallService.write(theta, folder);
            };
            try (UnlearningService service = SmallService.open(run, model, failing, own)) {
                service.train(StepListener.NONE);
                service.request(List.of("8"));
                refused(
                        IOException.class,
                        "no space",
                        () -> service.answer(SmallService.cheapest(), StepListener.NONE));
            }
            try (UnlearningService service = SmallService.open(run, model, SmallService::write, own)) {
                assertThrows(
                        IllegalStateException.class, () -> service.answer(SmallService.cheapest(), StepListener.NONE));
                RequestOutcome.Released released = assertInstanceOf(
                        RequestOutcome.Released.class,
                        service.finish(StepListener.NONE).orElseThrow());
                assertFalse(Files.exists(released.folder().resolve("half")));
                assertTrue(service.finish(StepListener.NONE).isEmpty());
            }
        }
    }

    @Test
    void anInterruptedDeletionGoesOnAndEndsAtTheSameBytes() throws Exception {
        ForgettingModel model = SmallService.model(Kind.FULL_BATCH);
        try (UnlearningService service = trained(model)) {
            service.request(List.of("8"));
            StepListener interrupt = (step, of) -> {
                if (step == 58) {
                    Thread.currentThread().interrupt();
                }
            };
            assertThrows(InterruptedException.class, () -> service.answer(SmallService.cheapest(), interrupt));
            service.finish(StepListener.NONE);
            double[] resumed = vault.read(SmallService.STEPS);
            int checkpoint = service.plan(List.of("9")).candidates().get(0).checkpoint();
            assertEquals(SmallService.STEPS, checkpoint);
            MemoryVault other = new MemoryVault(SmallService.INPUTS);
            try (UnlearningService whole =
                    SmallService.open(temp.resolve("whole"), model, SmallService::write, other)) {
                whole.train(StepListener.NONE);
                whole.request(List.of("8"));
                whole.answer(SmallService.cheapest(), StepListener.NONE);
            }
            assertArrayEquals(other.read(SmallService.STEPS), resumed, 0);
        }
    }

    @Test
    void anotherModelOrRecipeIsNotTakenForThisOne() throws Exception {
        trained(SmallService.model(Kind.FULL_BATCH)).close();
        refused(
                IOException.class,
                "another",
                () -> SmallService.open(
                        temp.resolve("run"), SmallService.model(Kind.ONE_EPOCH), SmallService::write, vault));
    }

    @Test
    void stepsThatAreTooLongForTheCurvatureAreRefusedBeforeAnythingIsTrained() throws Exception {
        ForgettingModel model = SmallService.model(Kind.FULL_BATCH);
        RewindToDelete tooLong = new RewindToDelete(model.run().objective(), Recipe.fullBatch(SmallService.STEPS, 4));
        ForgettingModel hasty = new ForgettingModel(
                tooLong,
                model.records(),
                model.start(),
                model.guarantee(),
                model.policy(),
                model.hashes(),
                model.derived(),
                model.assumptions());
        try (UnlearningService service = SmallService.open(temp.resolve("hasty"), hasty, SmallService::write, vault)) {
            refused(IllegalArgumentException.class, "step size <= 2", () -> service.train(StepListener.NONE));
            assertTrue(vault.steps().isEmpty());
            assertFalse(service.isTrained());
        }
    }

    @Test
    void waysThatAreOtherAlgorithmsCannotBeChosen() throws Exception {
        try (UnlearningService service = trained(SmallService.model(Kind.FULL_BATCH))) {
            service.request(List.of("8"));
            refused(
                    IllegalArgumentException.class,
                    "another algorithm",
                    () -> service.answer(
                            plan -> plan.methods().stream()
                                    .filter(UnlearningMethod.ColdRun.class::isInstance)
                                    .findFirst(),
                            StepListener.NONE));
            assertEquals(List.of("8"), service.pending());
        }
    }

    @Test
    void anAnswerIsOnlyGivenToTheRequestsThatItWasPreparedFor() throws Exception {
        try (UnlearningService service = trained(SmallService.model(Kind.FULL_BATCH))) {
            DeletionDecision prepared = service.prepare(List.of("8"), SmallService.cheapest());
            assertEquals(List.of(), service.pending());
            refused(
                    IllegalStateException.class,
                    "requests that are pending",
                    () -> service.answer(prepared, StepListener.NONE));
            service.request(List.of("8"));
            RequestOutcome.Released released =
                    assertInstanceOf(RequestOutcome.Released.class, service.answer(prepared, StepListener.NONE));
            assertEquals(
                    List.of(SubjectKey.of(SmallService.KEY).pseudonym("8")),
                    released.certificate().deletion().subjects());
            refused(
                    IllegalArgumentException.class,
                    "nothing is to be forgotten",
                    () -> service.prepare(List.of("8"), SmallService.cheapest()));
            assertFalse(service.hasUnfinished());
        }
    }

    /** Names and numbers of requests agree, and what would be done does not. */
    @Test
    void anAnswerOfAnotherServiceIsNotGiven() throws Exception {
        DeletionDecision elsewhere;
        try (UnlearningService other = trained(SmallService.model(Kind.ONE_EPOCH))) {
            elsewhere = other.prepare(List.of("8"), SmallService.cheapest());
        }
        Path second = Files.createDirectory(temp.resolve("second"));
        try (MemoryVault own = new MemoryVault(SmallService.INPUTS);
                UnlearningService service = SmallService.open(
                        second.resolve("run"), SmallService.model(Kind.FULL_BATCH), SmallService::write, own)) {
            service.train(StepListener.NONE);
            service.request(List.of("8"));
            refused(IllegalStateException.class, "this service's", () -> service.answer(elsewhere, StepListener.NONE));
            assertEquals(List.of("8"), service.pending());
        }
    }

    /** What rounding leaves behind is above most bounds: refused before there is a folder. */
    @Test
    void aModelInFloatIsRefused() {
        ForgettingModel model = SmallService.model(SmallService.Kind.ONE_EPOCH);
        RewindToDelete inFloat = new RewindToDelete(
                new InFloat(model.run().objective()), model.run().recipe());
        IllegalArgumentException refusal = assertThrows(
                IllegalArgumentException.class,
                () -> new ForgettingModel(
                        inFloat,
                        model.records(),
                        model.start(),
                        model.guarantee(),
                        model.policy(),
                        model.hashes(),
                        model.derived(),
                        model.assumptions()));
        assertTrue(refusal.getMessage().contains("must compute in DOUBLE"), refusal.getMessage());
    }
}
