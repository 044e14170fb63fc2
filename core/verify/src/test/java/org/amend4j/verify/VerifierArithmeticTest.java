/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.amend4j.certificate.CertificateFile;
import org.amend4j.certificate.Issuer;
import org.amend4j.numeric.Summation;
import org.amend4j.privacy.FloatSlack;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class VerifierArithmeticTest {

    @TempDir
    Path temp;

    private static List<double[]> rows(String name) throws IOException {
        try (InputStream in = VerifierArithmeticTest.class.getResourceAsStream("/org/amend4j/privacy/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .skip(1)
                    .map(line -> Stream.of(line.split(",", -1))
                            .limit(3)
                            .mapToDouble(Double::parseDouble)
                            .toArray())
                    .toList();
        }
    }

    /** 120 digits against quadrature: its own error, and a's rounding of 1e-16·max(μ, ε/μ) times dlnδ/da, at most |a| + 1. */
    @Test
    void deltaAgreesWithValuesOf120Digits() throws IOException {
        List<double[]> rows = rows("ln_delta.csv");
        assertEquals(139, rows.size());
        for (double[] row : rows) {
            double a = row[0] / 2 - row[1] / row[0];
            double rounding = 4e-16 * (row[0] + row[1] / row[0]) * (Math.abs(a) + 1);
            assertEquals(
                    row[2],
                    PrivacyProfile.lnDelta(row[0], row[1]),
                    1e-13 + 1e-15 * Math.abs(row[2]) + rounding,
                    () -> "mu " + row[0] + ", epsilon " + row[1]);
        }
    }

    /** The largest μ of a budget has that very δ: the table's 16 digits of μ move ln δ by at most 1e-15·dlnδ/dlnμ. */
    @Test
    void deltaAtTheLargestMuIsTheBudgets() throws IOException {
        List<double[]> rows = rows("analytic_gaussian.csv");
        assertEquals(98, rows.size());
        for (double[] row : rows) {
            double steepness = (row[0] / row[2] + row[2] + 1) * (row[0] / row[2] + row[2] + 1);
            assertEquals(
                    Math.log(row[1]),
                    PrivacyProfile.lnDelta(row[2], row[0]),
                    1e-12 + 2e-15 * steepness,
                    () -> "epsilon " + row[0] + ", delta " + row[1]);
        }
    }

    @Test
    void whatIsFarApartIsToldForCertainAndWhatIsNotApartNotAtAll() {
        for (double mu : new double[] {100, 1e6, 1e18, 1e160, Double.MAX_VALUE}) {
            assertEquals(0, PrivacyProfile.lnDelta(mu, 1));
            assertEquals(1, PrivacyProfile.auc(mu / 2));
        }
        for (double mu : new double[] {0, Double.MIN_VALUE, 1e-300, 1e-160}) {
            assertEquals(0, PrivacyProfile.delta(mu, 1));
        }
        assertEquals(0, PrivacyProfile.advantage(0));
        assertEquals(1, PrivacyProfile.delta(2.5, 0) / (2 * 0.894350226333145 - 1), 1e-12);
    }

    @Test
    void attackBoundsAreThoseOfTheDocs() {
        // docs/privacy.md rounds up to four digits
        double mu = 0.268057;
        assertEquals(0.5752, PrivacyProfile.auc(mu), 1e-4);
        assertEquals(0.1067, PrivacyProfile.advantage(mu), 1e-4);
        assertEquals(0.5, PrivacyProfile.auc(0));
        assertEquals(1, PrivacyProfile.auc(40), 1e-12);
    }

    static Stream<Arguments> workedValues() {
        return Stream.of(
                Arguments.of(Scenario.nonconvexMean(), 0.349722454870),
                Arguments.of(Scenario.nonconvexFull(0), 0.170762917417),
                Arguments.of(Scenario.nonconvexFull(0.1), 0.0915436775413),
                Arguments.of(Scenario.convexMean(), 0.075),
                Arguments.of(Scenario.convexFixed(), 0.03662109375),
                Arguments.of(Scenario.stronglyConvexMean(), 0.0415295015091),
                Arguments.of(Scenario.stronglyConvex(), 0.0202780769088));
    }

    /** n=1000, m=5, η=1/2, L=1/4, G=1, T=20, K=5, λ=0.1 where used, N0=1024. */
    @ParameterizedTest
    @MethodSource("workedValues")
    void distancesAreTheWorkedOnes(Scenario scenario, double expected) throws IOException, RejectedException {
        Claims claims = claims(scenario);
        double unit = Math.pow(10, Math.floor(Math.log10(expected)) - 11);
        assertEquals(expected, Recursion.of(claims).exact(), unit);
    }

    private Claims claims(Scenario scenario) throws IOException, RejectedException {
        Path file = temp.resolve("certificate.json");
        CertificateFile.write(
                scenario.certificate(Scenario.ZEROS, 0), Issuer.openOrCreate(temp.resolve("issuer")), file);
        return SignedCertificate.read(file).claims();
    }

    /** To first order in u the formula is the same; what is left out is below 1e-9 of it. */
    @Test
    void theErrorOfAStepIsThatOfFloatSlack() throws IOException, RejectedException {
        for (Scenario scenario : List.of(
                Scenario.stronglyConvex(), Scenario.convexMean(), Scenario.stronglyConvexMean(), Scenario.softmax())) {
            Claims claims = claims(scenario);
            StepError error = claims.grounds().constants().rounding();
            Claims.Steps steps = claims.grounds().bound().steps().get(0);
            FloatSlack slack = new FloatSlack(
                    Summation.valueOf(error.summation()),
                    steps.used(),
                    steps.isMean() ? steps.used() : steps.normaliser(),
                    error.number("gradientBound"),
                    error.number("featureRadius"),
                    (int) error.number("inputs"),
                    (int) error.number("logits"));
            double expected = slack.ofStep(steps.stepSize(), 3);
            double ours = error.ofStep(steps, 3);
            assertTrue(ours <= expected && ours >= expected * (1 - 1e-9), scenario + ": " + ours + ", " + expected);
        }
    }
}
