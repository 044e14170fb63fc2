/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.kernel;

import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The remainder of an adapted layer after its large product: {@code y += scale·low·up + bias}, in place.
 *
 * @param y [n, columns], shares no memory with the others
 * @param low xA, [n, rank]
 * @param up B, [rank, columns]
 * @param bias [1, columns]
 */
public record AdapterSum(INDArray y, INDArray low, INDArray up, double scale, Optional<INDArray> bias) {}
