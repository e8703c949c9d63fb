/** Shares held in one symbol; both numbers are above zero, an empty position is absent. */
export interface Position {
  readonly quantity: number;
  readonly averagePrice: number;
}

/** The paper account: what is held, what was paid, what was earned. */
export interface Ledger {
  readonly startCash: number;
  readonly cash: number;
  readonly realizedPnl: number;
  readonly fees: number;
  readonly positions: Readonly<Record<string, Position>>;
}

/** An order to fill at a price; there is no market behind it, so every order fills at once and whole. */
export interface PaperOrder {
  readonly side: 'BUY' | 'SELL';
  readonly symbol: string;
  readonly quantity: number;
  readonly price: number;
}

/** A filled paper order with the fee it cost. */
export interface Fill extends PaperOrder {
  readonly fee: number;
  readonly realizedPnl: number;
}

/** Share of an order's value that each fill costs. */
export const FEE_RATE = 0.00015;

/** What buying costs with the fee: the one sum that both the decision and the booking compare with the cash. */
export function buyingCost(quantity: number, price: number): number {
  return quantity * price + quantity * price * FEE_RATE;
}

/** A fresh account holding only cash. */
export function openLedger(startCash: number): Ledger {
  return { startCash, cash: startCash, realizedPnl: 0, fees: 0, positions: {} };
}

/** Books an order and returns the fill; throws when cash or shares do not cover it, which decisions must prevent. */
export function fillOrder(ledger: Ledger, order: PaperOrder): { ledger: Ledger; fill: Fill } {
  const value = order.quantity * order.price;
  const fee = value * FEE_RATE;
  const held = ledger.positions[order.symbol] ?? { quantity: 0, averagePrice: 0 };
  const isBuy = order.side === 'BUY';
  if (isBuy ? buyingCost(order.quantity, order.price) > ledger.cash : order.quantity > held.quantity) {
    throw new Error(`${order.side} ${order.quantity} ${order.symbol} is not covered by the ledger`);
  }
  const realizedPnl = isBuy ? 0 : order.quantity * (order.price - held.averagePrice);
  const quantity = held.quantity + (isBuy ? order.quantity : -order.quantity);
  const averagePrice = isBuy ? (held.quantity * held.averagePrice + value) / quantity : held.averagePrice;
  const { [order.symbol]: _replaced, ...others } = ledger.positions;
  return {
    fill: { ...order, fee, realizedPnl },
    ledger: {
      ...ledger,
      cash: ledger.cash + (isBuy ? -value : value) - fee,
      realizedPnl: ledger.realizedPnl + realizedPnl,
      fees: ledger.fees + fee,
      positions: quantity > 0 ? { ...others, [order.symbol]: { quantity, averagePrice } } : others,
    },
  };
}

/** Cash plus positions at the given prices; a position without a price counts at what was paid for it. */
export function equityOf(ledger: Ledger, priceOf: (symbol: string) => number | undefined): number {
  let equity = ledger.cash;
  for (const [symbol, position] of Object.entries(ledger.positions)) {
    equity += position.quantity * (priceOf(symbol) ?? position.averagePrice);
  }
  return equity;
}
