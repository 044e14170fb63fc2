/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

/** In which order a patch under a window has its elements; the weights it is multiplied with have the same. */
public enum PatchOrder {

    /** (channel, ky, kx): as Deeplearning4j lays the weights of a convolution out. */
    CHANNEL_TAP,

    /** (ky, kx, channel): copies of images with channels last are runs of neighbouring elements. */
    TAP_CHANNEL
}
