/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

/** A configuration of a layer on rows whose weight is a base's and that trains what is beside it. */
public interface TrainsInProduct {

    /** Under which keys that is among the layer's parameters. */
    ProductKeys productKeys();
}
