/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.nd4j.linalg.factory.Nd4j;

class KernelProbeTest {

    @Test
    void the_same_kernels_have_the_same_digest() {
        assertEquals(KernelProbe.digest(), KernelProbe.digest());
    }

    @Test
    void openblas_says_whose_kernels_it_has() {
        assertTrue(KernelProbe.coreType().matches("[A-Za-z0-9_]+"), KernelProbe.coreType());
        assertNotEquals("unknown", KernelProbe.coreType());
    }

    /** {@code .ci/kernels} sets it, one name or several with | between them: OpenBLAS takes its own choice where it does not know a name. */
    @Test
    @Tag("kernels")
    @EnabledIfEnvironmentVariable(named = "EXPECTED_KERNELS", matches = ".+")
    void openblas_has_the_kernels_that_these_tests_are_run_for() {
        List<String> expected = List.of(System.getenv("EXPECTED_KERNELS").split("\\|", -1));
        assertTrue(expected.contains(KernelProbe.coreType()), KernelProbe.coreType() + " is none of " + expected);
    }

    /** Three threads have other shares of a product than one: other kernels at the edges, and other bits. */
    @Test
    void more_threads_have_another_digest() {
        Nd4j.getBlasWrapper();
        int before = openblas_nolapack.blas_get_num_threads();
        try {
            openblas_nolapack.blas_set_num_threads(1);
            String one = KernelProbe.digest();
            openblas_nolapack.blas_set_num_threads(3);
            assertNotEquals(one, KernelProbe.digest());
        } finally {
            openblas_nolapack.blas_set_num_threads(before);
        }
    }
}
