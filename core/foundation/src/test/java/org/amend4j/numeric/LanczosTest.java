/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.amend4j.numeric.DenseSymmetric.Kind;
import org.amend4j.numeric.Lanczos.Ends;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LanczosTest {

    private static final double EPSILON = Math.ulp(1.0);

    static IntStream seeds() {
        return IntStream.range(0, 300);
    }

    private static DenseSymmetric matrix(int seed) {
        Kind[] kinds = Kind.values();
        return DenseSymmetric.random(
                kinds[seed % kinds.length], seed < 10 ? 1 : 1 + new Random(seed).nextInt(24), seed);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void all_steps_find_the_ends_of_the_spectrum(int seed) {
        DenseSymmetric a = matrix(seed);
        double[] exact = a.eigenvalues();
        ExtremeEigenvalues ends = new Lanczos(a.dimension(), 0, seed).of(a, Ends.BOTH);
        assertEquals(exact[0], ends.smallest().value(), a.rounding());
        assertEquals(exact[exact.length - 1], ends.largest().value(), a.rounding());
        assertTrue(ends.smallest().residual() <= a.rounding(), ends.toString());
        assertTrue(ends.largest().residual() <= a.rounding(), ends.toString());
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void an_eigenvalue_lies_within_the_residual_after_any_number_of_steps(int seed) {
        DenseSymmetric a = matrix(seed);
        double[] exact = a.eigenvalues();
        for (int steps = 1; steps <= a.dimension(); steps++) {
            ExtremeEigenvalues ends = new Lanczos(steps, 0, seed).of(a, Ends.BOTH);
            for (Eigenpair pair : List.of(ends.smallest(), ends.largest())) {
                assertTrue(distance(exact, pair.value()) <= pair.residual() + a.rounding(), pair + ", steps " + steps);
                assertEquals(1, Vectors.norm(pair.vector()), 4 * EPSILON * a.dimension());
                Eigenpair measured = pair.measured(a);
                assertTrue(measured.residual() <= pair.residual() + a.rounding(), measured + " above " + pair);
                assertTrue(distance(exact, pair.value()) <= measured.residual() + a.rounding(), "measured");
                assertTrue(pair.value() >= exact[0] - a.rounding(), "not below the spectrum");
                assertTrue(pair.value() <= exact[exact.length - 1] + a.rounding(), "not above the spectrum");
            }
        }
    }

    private static double distance(double[] values, double value) {
        return Arrays.stream(values).map(v -> Math.abs(v - value)).min().orElseThrow();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void the_basis_is_orthonormal_and_its_matrix_interlaces(int seed) {
        DenseSymmetric a = matrix(seed);
        int steps = 1 + new Random(~seed).nextInt(a.dimension());
        KrylovBasis basis = new KrylovBasis(a, steps, seed);
        double[][] vectors = new double[steps][];
        for (int j = 0; j < steps; j++) {
            basis.extend();
            vectors[j] = basis.vector(j);
        }
        assertEquals(List.of(), brokenLaws(a, vectors, basis.diagonal(), basis.offDiagonal()));
        assertTrue(basis.defect() <= a.rounding(), "defect " + basis.defect());
    }

    /** What must hold for any basis V and T = VᵀAV: orthonormality, and Cauchy's interlacing of T's eigenvalues with A's. */
    private static List<String> brokenLaws(DenseSymmetric a, double[][] v, double[] diagonal, double[] offDiagonal) {
        List<String> broken = new ArrayList<>();
        int n = a.dimension();
        int m = v.length;
        double overlap = 0;
        for (int i = 0; i < m; i++) {
            for (int j = 0; j <= i; j++) {
                overlap = Math.max(overlap, Math.abs(Vectors.dot(v[i], v[j]) - (i == j ? 1 : 0)));
            }
        }
        if (overlap > 4 * (m + n) * EPSILON) {
            broken.add("orthonormal");
        }
        double[] exact = a.eigenvalues();
        double[] ritz = SymmetricTridiagonal.solve(diagonal, offDiagonal, new double[0][]);
        for (int k = 0; k < m; k++) {
            if (ritz[k] < exact[k] - a.rounding() || ritz[k] > exact[k + n - m] + a.rounding()) {
                broken.add("interlacing");
                break;
            }
        }
        return broken;
    }

    /** The twin: the three-term recurrence alone loses orthogonality and shows the largest eigenvalue several times. */
    @Test
    void without_re_orthogonalisation_the_laws_break() {
        int n = 60;
        double[] spectrum = new double[n];
        for (int i = 0; i < n; i++) {
            spectrum[i] = i == 0 ? 10 : i / (double) n;
        }
        DenseSymmetric a = DenseSymmetric.withSpectrum(spectrum, new Random(1));
        double[][] v = new double[n][n];
        double[] alpha = new double[n];
        double[] beta = new double[n];
        v[0] = Vectors.randomUnit(n, new Random(2));
        for (int j = 0; j < n; j++) {
            double[] w = new double[n];
            a.apply(v[j], w);
            alpha[j] = Vectors.dot(v[j], w);
            Vectors.add(-alpha[j], v[j], w);
            if (j > 0) {
                Vectors.add(-beta[j - 1], v[j - 1], w);
            }
            beta[j] = Vectors.norm(w);
            Vectors.divide(w, beta[j]);
            if (j + 1 < n) {
                v[j + 1] = w;
            }
        }
        assertEquals(List.of("orthonormal", "interlacing"), brokenLaws(a, v, alpha, beta));
    }

    /** The twin: one entry in a thousand off its mirror image. */
    @Test
    void an_asymmetric_operator_shows_in_the_defects() {
        for (int seed = 0; seed < 20; seed++) {
            DenseSymmetric a = DenseSymmetric.random(Kind.GAUSSIAN, 20, seed);
            double[][] entries = Arrays.stream(a.a()).map(double[]::clone).toArray(double[][]::new);
            entries[3][7] += 1e-3;
            DenseSymmetric asymmetric = new DenseSymmetric(entries);
            ExtremeEigenvalues ends = new Lanczos(20, 0, seed).of(asymmetric, Ends.BOTH);
            assertTrue(ends.defect() > 1e6 * a.rounding(), "defect " + ends.defect());
            assertTrue(ends.smallest().residual() >= ends.defect(), "the bound says so too");
            assertFalse(new Lanczos(20, 1e-8, seed).of(asymmetric, Ends.BOTH).converged());
            assertTrue(new Lanczos(20, 1e-8, seed).of(a, Ends.BOTH).converged());
        }
    }

    /** {@code ‖K - Kᵀ‖_F = √2·1e-3} for one entry off by 1e-3; 2,000 pairs estimate it to about 3 %. */
    @Test
    void the_symmetry_defect_estimates_the_asymmetry() {
        DenseSymmetric a = DenseSymmetric.random(Kind.GAUSSIAN, 20, 5);
        double frobenius = Math.sqrt(
                Arrays.stream(a.a()).mapToDouble(row -> Vectors.dot(row, row)).sum());
        SymmetryDefect none = a.symmetryDefect(2000, 1);
        assertTrue(none.asymmetry() <= 20 * a.rounding(), none.toString());
        assertEquals(frobenius, none.norm(), 0.05 * frobenius);
        a.a()[3][7] += 1e-3;
        SymmetryDefect some = a.symmetryDefect(2000, 1);
        assertEquals(Math.sqrt(2) * 1e-3, some.asymmetry(), 0.15 * Math.sqrt(2) * 1e-3);
        assertEquals(some.asymmetry() / some.norm(), some.relative());
        assertEquals(
                0, DenseSymmetric.random(Kind.ZERO, 4, 1).symmetryDefect(1, 1).relative());
    }

    @Test
    void invariant_subspaces_are_left_for_their_complement() {
        double[] spectrum = new double[12];
        Arrays.fill(spectrum, 0, 6, 1);
        Arrays.fill(spectrum, 6, 12, -1);
        ExtremeEigenvalues ends =
                new Lanczos(12, 1e-10, 4).of(DenseSymmetric.withSpectrum(spectrum, new Random(4)), Ends.BOTH);
        assertEquals(2, ends.breakdowns());
        assertEquals(4, ends.steps(), "two spaces of two dimensions");
        assertTrue(ends.converged());
        ExtremeEigenvalues zero = new Lanczos(12, 1e-10, 4).of(DenseSymmetric.random(Kind.ZERO, 12, 1), Ends.BOTH);
        assertEquals(2, zero.steps());
        assertEquals(0, zero.smallest().value());
        assertEquals(0, zero.largest().residual());
    }

    /** An operator whose first product shows nothing of {@code 5·eeᵀ}, as if the start were orthogonal to e. */
    @Test
    void a_start_that_misses_an_end_does_not_stop_the_search() {
        int n = 30;
        SymmetricOperator blind = new SymmetricOperator() {
            private int products;

            @Override
            public int dimension() {
                return n;
            }

            @Override
            public void apply(double[] v, double[] into) {
                Arrays.fill(into, 0);
                into[n - 1] = products++ == 0 ? 0 : 5 * v[n - 1];
            }
        };
        ExtremeEigenvalues ends = new Lanczos(n, 1e-10, 1).of(blind, Ends.BOTH);
        // what the start takes from e, a thirtieth of its square on average, is lost to the complement
        assertEquals(5, ends.largest().value(), 1);
        assertTrue(ends.defect() > 0.1, "and that it was no symmetric operator shows");
    }

    @Test
    void it_waits_for_the_end_that_is_wanted_and_says_when_it_did_not_come() {
        double[] spectrum = new double[400];
        for (int i = 0; i < spectrum.length; i++) {
            spectrum[i] = i == 0 ? -1 : i / 400.0;
        }
        DenseSymmetric a = DenseSymmetric.diagonal(spectrum);
        ExtremeEigenvalues smallest = new Lanczos(400, 1e-8, 1).of(a, Ends.SMALLEST);
        ExtremeEigenvalues both = new Lanczos(400, 1e-8, 1).of(a, Ends.BOTH);
        assertTrue(smallest.converged() && smallest.smallest().residual() <= 1e-8);
        assertTrue(smallest.steps() < both.steps(), smallest.steps() + " against " + both.steps());
        assertTrue(both.converged() && both.steps() < 400, "steps " + both.steps());
        assertFalse(new Lanczos(3, 1e-8, 1).of(a, Ends.BOTH).converged());
    }

    /** Kuczyński and Woźniakowski's bound on spectra that are hard for it; δ = 0.05, so 1 run of 20 may fail, none does. */
    @ParameterizedTest
    @MethodSource("seeds")
    @OneIn(2)
    void nothing_lies_further_out_than_unseen(int seed) {
        int d = 400;
        double[] spectrum = new double[d];
        for (int i = 0; i < d; i++) {
            double x = Math.cos(Math.PI * i / (d - 1)); // dense at the ends, where Lanczos is slow
            spectrum[i] = seed % 2 == 0 ? x : Math.signum(x) * x * x;
        }
        spectrum[0] = 1 + 0.02 * (seed % 5); // the end may stand alone
        DiagonalOperator a = new DiagonalOperator(spectrum);
        for (int steps : new int[] {1, 10, 25, 40}) {
            ExtremeEigenvalues ends = new Lanczos(steps, 0, seed).of(a, Ends.BOTH);
            double missed = Math.max(
                    spectrum[0] - ends.largest().value(), ends.smallest().value() + 1);
            assertTrue(missed <= ends.unseen(0.05), missed + " after " + steps);
            assertTrue(missed > 0, "something was unseen");
            assertTrue(steps < 40 || ends.unseen(0.05) < 0.2, "a bound that means something, got " + ends.unseen(0.05));
        }
    }

    /** Dense matrices of that size would be slow; the random start makes the basis of eigenvectors irrelevant. */
    @SuppressWarnings("ArrayRecordComponent") // read only
    private record DiagonalOperator(double[] spectrum) implements SymmetricOperator {
        @Override
        public int dimension() {
            return spectrum.length;
        }

        @Override
        public void apply(double[] v, double[] into) {
            for (int i = 0; i < v.length; i++) {
                into[i] = spectrum[i] * v[i];
            }
        }
    }

    @Test
    void equal_seeds_give_equal_bytes_and_other_seeds_other_ones() {
        DenseSymmetric a = DenseSymmetric.random(Kind.GAUSSIAN, 20, 3);
        ExtremeEigenvalues one = new Lanczos(8, 0, 7).of(a, Ends.BOTH);
        ExtremeEigenvalues two = new Lanczos(8, 0, 7).of(a, Ends.BOTH);
        assertEquals(one.smallest().value(), two.smallest().value());
        assertEquals(one.largest().residual(), two.largest().residual());
        assertArrayEquals(one.smallest().vector(), two.smallest().vector(), 0);
        assertArrayEquals(one.largest().vector(), two.largest().vector(), 0);
        assertEquals(7, one.seed());
        assertTrue(one.smallest().value()
                != new Lanczos(8, 0, 8).of(a, Ends.BOTH).smallest().value());
    }

    @Test
    void bad_arguments_are_refused() {
        refused("steps must be >= 1, got 0", () -> new Lanczos(0, 0, 1));
        refused("tolerance of Lanczos must be in [0, 1)", () -> new Lanczos(1, Double.NaN, 1));
        refused("an eigenvalue must be finite", () -> new Eigenpair(Double.NaN, new double[1], 0));
        refused("a residual must be >= 0", () -> new Eigenpair(1, new double[1], -1));
        refused("at least 1 element", () -> new Eigenpair(1, new double[0], 0));
        DenseSymmetric a = DenseSymmetric.random(Kind.IDENTITY, 3, 1);
        ExtremeEigenvalues ends = new Lanczos(2, 0, 1).of(a, Ends.BOTH);
        refused("delta must be in (0, 1)", () -> ends.unseen(0));
        refused(
                "an eigenvector must have 2 elements",
                () -> ends.smallest().measured(DenseSymmetric.random(Kind.IDENTITY, 2, 1)));
    }

    @Test
    void products_that_are_not_finite_abort() {
        DenseSymmetric a = DenseSymmetric.diagonal(new double[] {1, Double.NaN});
        refused(
                ArithmeticException.class,
                "products with the operator must be finite",
                () -> new Lanczos(2, 0, 1).of(a, Ends.BOTH));
    }
}
